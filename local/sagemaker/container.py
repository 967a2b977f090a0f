"""A variant's container, run as a server process under SageMaker's contract with containers."""

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
# The project's own server answers /ping with this code if its model can never be loaded.
MODEL_DOES_NOT_LOAD = "MODEL_DOES_NOT_LOAD"


@dataclass(frozen=True)
class ContainerResponse:
    """A container's answer."""

    status: int
    content_type: str
    body: bytes


class Container:
    """A running server process."""

    def __init__(
        self, process: asyncio.subprocess.Process, url: str, reaper: ProcessReaper
    ) -> None:
        self._process = process
        self._url = url
        self._reaper = reaper
        self._session = ClientSession(timeout=ClientTimeout(total=None), auto_decompress=False)

    @classmethod
    async def start(
        cls, program: ContainerProgram, log: Path, reaper: ProcessReaper
    ) -> "Container":
        """Starts the server and waits until /ping answers 200. Raises VariantUnavailable."""
        port = _free_port()
        process = await _spawn(program, port, log)
        reaper.watch(process.pid)
        container = cls(process, f"http://127.0.0.1:{port}", reaper)
        try:
            async with asyncio.timeout(START_SECONDS):
                await container._wait_until_healthy(log)
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
        """Asks the model. Raises TimeoutError, or VariantUnavailable if the connection breaks."""
        return await self.request("POST", "/invocations", body, headers, seconds)

    async def request(
        self, verb: str, path: str, body: bytes, headers: Mapping[str, str], seconds: float
    ) -> ContainerResponse:
        """Sends any request of the contract. Raises the errors of `invoke`."""
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
        """Kills the server with its descendants."""
        await self._session.close()
        if self.alive:
            kill_tree(self._process.pid)
        else:
            kill_group(self._process.pid)  # its descendants may have outlived it
        await self._process.wait()
        self._reaper.release(self._process.pid)

    async def _wait_until_healthy(self, log: Path) -> None:
        while self.alive:
            try:
                async with self._session.get(f"{self._url}/ping") as answer:
                    if answer.status == 200:
                        return
                    if reason := _load_failure(await answer.read()):
                        raise VariantUnavailable(reason)
            except ClientError:
                pass
            await asyncio.sleep(0.05)
        raise VariantUnavailable(f"the server ended by itself: see {log}")


async def _spawn(program: ContainerProgram, port: int, log: Path) -> asyncio.subprocess.Process:
    with log.open("ab") as file:
        try:
            return await asyncio.create_subprocess_exec(
                *program.command,
                cwd=program.folder,
                env={**program.environment, "SAGEMAKER_BIND_TO_PORT": str(port)},
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        except OSError as error:
            raise VariantUnavailable(f"{program.command[0]} can't be started: {error}") from error


def _load_failure(body: bytes) -> str | None:
    """Returns the reason why a model can never be loaded, if the server answered that."""
    try:
        error = json.loads(body)["error"]
        return str(error["message"]) if error["code"] == MODEL_DOES_NOT_LOAD else None
    except (ValueError, KeyError, TypeError):
        return None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
