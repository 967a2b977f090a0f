"""A variant's container, as a process: what SageMaker asks of a container, asked of a server."""

import asyncio
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout

from local.process_reaper import ProcessReaper
from local.processes import kill_group, kill_tree
from local.sagemaker.container_program import ContainerProgram, VariantUnavailable

START_SECONDS = 300
# By which our own server says that waiting for its model is in vain; of others' nothing is known.
IN_VAIN = "MODEL_DOES_NOT_LOAD"


@dataclass(frozen=True)
class ContainerResponse:
    """What a container answered."""

    status: int
    content_type: str
    body: bytes


class Container:
    """A running server."""

    def __init__(
        self, process: asyncio.subprocess.Process, url: str, watchdog: ProcessReaper
    ) -> None:
        self._process = process
        self._url = url
        self._watchdog = watchdog
        self._session = ClientSession(timeout=ClientTimeout(total=None), auto_decompress=False)

    @classmethod
    async def start(
        cls, program: ContainerProgram, log: Path, watchdog: ProcessReaper
    ) -> "Container":
        """Start it and wait until it answers /ping. Raises VariantUnavailable."""
        port = _free_port()
        environment = {**program.environment, "SAGEMAKER_BIND_TO_PORT": str(port)}
        with log.open("ab") as file:
            try:
                process = await asyncio.create_subprocess_exec(
                    *program.command,
                    cwd=program.folder,
                    env=environment,
                    stdout=file,
                    stderr=file,
                    start_new_session=True,
                )
            except OSError as error:
                raise VariantUnavailable(
                    f"{program.command[0]} can't be started: {error}"
                ) from error
        watchdog.watch(process.pid)
        container = cls(process, f"http://127.0.0.1:{port}", watchdog)
        try:
            async with asyncio.timeout(START_SECONDS):
                await container._healthy(log)
        except TimeoutError:
            await container.close()
            raise VariantUnavailable(
                f"/ping didn't answer 200 in {START_SECONDS} s: see {log}"
            ) from None
        except BaseException:  # a stop of the system among them
            await container.close()
            raise
        return container

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.returncode is None

    async def invoke(
        self, body: bytes, headers: Mapping[str, str], seconds: float
    ) -> ContainerResponse:
        """Ask the model. Raises TimeoutError, or VariantUnavailable when the connection breaks."""
        return await self.request("POST", "/invocations", body, headers, seconds)

    async def request(
        self, verb: str, path: str, body: bytes, headers: Mapping[str, str], seconds: float
    ) -> ContainerResponse:
        """Ask anything of its contract. Raises as `invoke` does."""
        try:
            async with (
                asyncio.timeout(seconds),
                self._session.request(
                    verb, f"{self._url}{path}", data=body, headers=headers
                ) as found,
            ):
                kind = found.headers.get("Content-Type", "application/octet-stream")
                return ContainerResponse(found.status, kind, await found.read())
        except ClientError as error:
            raise VariantUnavailable(f"the container ended the connection: {error}") from error

    async def close(self) -> None:
        """Kill it with all that it started."""
        await self._session.close()
        if self.alive:
            kill_tree(self._process.pid)
        else:
            kill_group(self._process.pid)  # what it started may have outlived it
        await self._process.wait()
        self._watchdog.release(self._process.pid)

    async def _healthy(self, log: Path) -> None:
        while self.alive:
            try:
                async with self._session.get(f"{self._url}/ping") as answer:
                    if answer.status == 200:
                        return
                    if reason := _in_vain(await answer.read()):
                        raise VariantUnavailable(reason)
            except ClientError:
                pass
            await asyncio.sleep(0.05)
        raise VariantUnavailable(f"the server ended by itself: see {log}")


def _in_vain(body: bytes) -> str | None:
    """Return why a model will never be loaded, if that is what the server answered."""
    try:
        error = json.loads(body)["error"]
        return str(error["message"]) if error["code"] == IN_VAIN else None
    except (ValueError, KeyError, TypeError):
        return None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
