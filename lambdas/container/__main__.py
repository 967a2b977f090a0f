"""`python -m container serve`: SageMaker starts it so, as `docker run IMAGE serve`.

`python -m container check FOLDER` prints the kind that a folder is served as; it loads nothing.
"""

import signal
import sys
from pathlib import Path

import uvicorn

from container import folder_kind, generation, hardware
from container.settings import ContainerSettings, read
from serving.errors import BadRequest

# A worker that doesn't answer its supervisor for so long is replaced. Reading a large pickle holds
# Python's lock for minutes: replaced meanwhile, a worker would never be ready.
HUNG_SECONDS = 300


def serve() -> None:
    """Serve until SIGTERM, then finish the requests that have begun."""
    settings = read()
    # uvicorn ends by raising the signal that it was stopped by once more; here it has ended well.
    # And before it listens to signals itself, there is nothing to wait for.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        "container.app:create",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=_workers(settings),
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_level=settings.log_level,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=settings.drain_seconds,
        timeout_worker_healthcheck=HUNG_SECONDS,
    )


def _workers(settings: ContainerSettings) -> int:
    """Return the number of serving processes: one where SageMaker loads the models by request."""
    if settings.multi_model:
        return 1
    if settings.workers:
        return settings.workers
    # A text generator without a GPU uses all processors, and answers requests together.
    alone = generation.is_generator(settings.model_dir) and not hardware.gpus()
    return 1 if alone else hardware.workers()


def check(folder: Path) -> None:
    """Print the kind that a folder is served as; end with the reason where it can't be."""
    try:
        print(folder_kind.check(folder, read().program))
    except BadRequest as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve"]:
            serve()
        case ["check", folder]:
            check(Path(folder))
        case _:
            raise SystemExit("usage: python -m container serve | check FOLDER")
