"""`python -m container serve`: what SageMaker starts, as `docker run IMAGE serve`."""

import signal
import sys

import uvicorn

from container import generation, machine
from container.settings import ContainerSettings, read


def serve() -> None:
    """Serve until SIGTERM, then let what has begun come to its end."""
    settings = read()
    # uvicorn ends by raising the signal that it was stopped by once more; here it has ended well.
    signal.signal(signal.SIGTERM, lambda *_: None)
    uvicorn.run(
        "container.app:create",
        factory=True,
        host="0.0.0.0",  # noqa: S104 (SageMaker asks from outside of the container)
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
    )


def _workers(settings: ContainerSettings) -> int:
    """Return how many processes serve. Models that come by request are in one of them alone."""
    if settings.multi_model:
        return 1
    if settings.workers:
        return settings.workers
    # What generates on processors uses all of them, and requests are answered together.
    alone = generation.is_generator(settings.model_dir) and not machine.gpus()
    return 1 if alone else machine.workers()


if __name__ == "__main__":
    if sys.argv[1:] != ["serve"]:
        raise SystemExit("usage: python -m container serve")
    serve()
