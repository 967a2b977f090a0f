"""Runs the image in podman, under the limits that Lambda sets."""

import contextlib
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping

from tests.image.emulator import MOUNT, USER, Function, Running, command, free_address
from tests.image.server import FILES, STOP_SECONDS, Server, Serving

# runc, since crun refuses machines with both versions of cgroups. Lambda allows 1,024 open
# files and processes; podman's own limits may be above the machine's, which root may not raise.
LIMITS = (
    "--runtime=runc",
    "--ulimit=nofile=1024:1024",
    "--ulimit=nproc=1024:1024",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
    "--read-only",
    "--read-only-tmpfs=false",
    "--tmpfs=/tmp:size=512m,mode=1777",
    "--tmpfs=/dev/shm:ro,size=4k",  # Lambda has none
)


class Podman:
    """One network with no way out, as in isolated subnets; each function in a container."""

    name = "podman (runc)"
    missing: frozenset[str] = frozenset()

    def __init__(self, image: str) -> None:
        self._image = image
        self._network = f"modelmount-{uuid.uuid4().hex[:8]}"
        _podman("network", "create", "--internal", self._network)

    def close(self) -> None:
        _podman("network", "rm", "--force", self._network)

    def refusal(self) -> str | None:
        """Return why this machine runs no containers, or None."""
        try:
            options = (*LIMITS, f"--user={USER}", "--memory=64m", "--entrypoint=true")
            _podman("run", "--rm", *options, self._image)
        except subprocess.CalledProcessError as error:
            return str(error.stderr).strip()
        return None

    @contextlib.contextmanager
    def start(self, function: Function) -> Iterator[Running]:
        address = free_address()
        on_host = ["--network=host", "--entrypoint="]
        network = on_host if function.reaches_host else [f"--network={self._network}"]
        run = command(function.handler, address) if function.reaches_host else [function.handler]
        options = [*LIMITS, *network, *_options(function)]
        container = _podman("run", "--detach", *options, self._image, *run)
        try:
            yield Running(address if function.reaches_host else f"{self._ip(container)}:8080")
        finally:
            _podman("rm", "--force", "--time=0", container)

    @contextlib.contextmanager
    def serve(self, server: Server) -> Iterator[Serving]:
        options = (
            *(*LIMITS, f"--user={USER}", f"--network={self._network}"),
            f"--volume={server.folder}:{FILES}:ro",
            *_memory(server.memory_mb),
            *_variables(server.environment),
        )
        container = _podman("run", "--detach", *options, self._image, "serve")
        try:
            yield Serving(f"{self._ip(container)}:8080", lambda: _stop(container))
        finally:
            _podman("rm", "--force", "--time=0", container)

    def _ip(self, container: str) -> str:
        where = f'{{{{(index .NetworkSettings.Networks "{self._network}").IPAddress}}}}'
        return _podman("inspect", "--format", where, container)


def _options(function: Function) -> Iterator[str]:
    yield f"--user={function.user}"
    yield from _memory(function.memory_mb)
    yield f"--volume={function.folder}:{MOUNT}:{'rw' if function.writable else 'ro'}"
    if function.code:
        yield f"--volume={function.code}:{function.code_at}:ro"
    yield from _variables(function.variables)


def _memory(mebibytes: int) -> tuple[str, str]:
    return f"--memory={mebibytes}m", f"--memory-swap={mebibytes}m"


def _variables(variables: Mapping[str, str]) -> Iterator[str]:
    return (f"--env={name}={value}" for name, value in variables.items())


def _stop(container: str) -> int:
    _podman("stop", f"--time={STOP_SECONDS}", container)
    return int(_podman("inspect", "--format", "{{.State.ExitCode}}", container))


def _podman(*arguments: str) -> str:
    # Its monitor drops an empty file `oom` where it was started, when memory ran out.
    done = subprocess.run(
        ["podman", *arguments],
        cwd=tempfile.gettempdir(),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
