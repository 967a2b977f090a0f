"""Many models in one container: loaded when they are asked, unloaded for want of room."""

import asyncio
import io
import json
import shlex
import sys
import tarfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from unittest.mock import AsyncMock

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import RawTestServer
from yarl import URL

from local.assembly.resources.sagemaker_endpoint import Endpoint, Variant
from local.process_reaper import ProcessReaper
from local.s3.object_store import ObjectNotFound, ObjectStore
from local.sagemaker.container import Container, ContainerResponse
from local.sagemaker.multi_model_container import (
    TARGET_MODEL_HEADER,
    MultiModelContainer,
    StillLoading,
)
from local.sagemaker.service import SageMakerService
from local.state_folder import StateFolder

pytestmark = pytest.mark.slow

SERVER = Path(__file__).with_name("many_models_server.py")
PREFIX = "s3://models/tenants/"
Check = Callable[["Running"], Awaitable[None]]


def model(**fields: object) -> bytes:
    content = json.dumps(fields).encode()
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as file:
        member = tarfile.TarInfo("model.json")
        member.size = len(content)
        file.addfile(member, io.BytesIO(content))
    return target.getvalue()


class Bucket(ObjectStore):
    """Archives by their names below the prefix; downloads wait for `released`."""

    def __init__(self) -> None:
        self.released = asyncio.Event()
        self.released.set()
        self.archives = {
            **{name: model(name=name) for name in ("a", "b", "c")},
            "refusing": model(name="refusing", status=422),
            "broken": model(name="broken", broken=True),
        }

    async def get(self, uri: str) -> bytes:
        await self.released.wait()
        name = uri.removeprefix(PREFIX).removesuffix(".tar.gz")
        if name not in self.archives:
            raise ObjectNotFound(uri)
        return self.archives[name]


@dataclass
class Running:
    """An endpoint with one variant."""

    bucket: Bucket
    session: ClientSession
    url: URL
    calls_file: Path

    async def ask(self, model: str | None, body: str = "1") -> tuple[int, Any]:
        headers = {TARGET_MODEL_HEADER: f"{model}.tar.gz"} if model else {}
        headers["Content-Type"] = "application/json"
        async with self.session.post(self.url, data=body, headers=headers) as answer:
            return answer.status, await answer.json()

    @property
    def calls(self) -> list[str]:
        return self.calls_file.read_text("utf-8").splitlines()


@asynccontextmanager
async def hosted(folder: Path, reaper: ProcessReaper, variant: Variant) -> AsyncIterator[Running]:
    async def publish(_topic: str, _message: str) -> None:
        raise AssertionError("no queue, no notices")

    state, bucket = StateFolder(folder / "state"), Bucket()
    state.logs.mkdir(parents=True)
    service = SageMakerService(
        {"e": Endpoint("e", "arn", (variant,), None, None)},
        bucket,
        publish,
        state=state,
        reaper=reaper,
        server_command=shlex.join([sys.executable, str(SERVER)]),
    )
    async with RawTestServer(service.api.handle) as server, ClientSession() as session:
        url = server.make_url("/endpoints/e/invocations")
        try:
            yield Running(bucket, session, url, folder / "calls")
        finally:
            await service.close()


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., None]:
    def run(check: Check, *, is_multi_model: bool = True) -> None:
        environment = {"CALLS_FILE": str(tmp_path / "calls")}
        variant = Variant(
            where="Stack/Config v",
            endpoint="e",
            name="v",
            weight=1,
            image="elsewhere/image:1",
            model_data=PREFIX,
            is_archive=True,
            environment=environment,
            is_multi_model=is_multi_model,
        )

        async def checked() -> None:
            async with hosted(tmp_path, reaper, variant) as running:
                await check(running)

        with closing(ProcessReaper()) as reaper:
            asyncio.run(checked())

    return run


def test_models_are_loaded_once_and_the_one_not_asked_for_longest_goes(
    run: Callable[..., None],
) -> None:
    async def check(running: Running) -> None:
        for name in ("a", "b", "a", "c", "a", "b"):
            told = {"model": name, "target": f"{name}.tar.gz", "body": "1"}
            assert await running.ask(name) == (200, told)
        assert running.calls == [
            *("load a", "load b"),
            *("no room for c", "unload b", "load c"),
            *("no room for b", "unload c", "load b"),
        ]

    run(check)


def test_whoever_asks_at_once_waits_for_one_load(run: Callable[..., None]) -> None:
    async def check(running: Running) -> None:
        found = await asyncio.gather(*(running.ask(name) for name in "abab"))
        assert [told["model"] for _, told in found] == ["a", "b", "a", "b"]
        assert sorted(running.calls) == ["load a", "load b"]

    run(check)


def test_what_can_not_be_asked_is_told_as_sagemaker_tells_it(run: Callable[..., None]) -> None:
    async def check(running: Running) -> None:
        status, told = await running.ask("nobody")
        assert status == 400
        assert told["Message"].startswith("Failed to download model data(bucket: models, key: ten")
        status, told = await running.ask(None)
        assert (status, "missing a target model" in told["Message"]) == (400, True)
        status, told = await running.ask("refusing")
        assert (status, told["OriginalStatusCode"]) == (424, 422)
        status, told = await running.ask("broken")
        assert (status, told["OriginalStatusCode"]) == (424, 400)
        # What was uploaded since is found.
        running.bucket.archives["nobody"] = model(name="nobody")
        assert (await running.ask("nobody"))[0] == 200

    run(check)


class Obliging:
    """A container that does whatever it is asked, and remembers it."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    async def request(self, verb: str, path: str, *_: object) -> ContainerResponse:
        self.paths.append(f"{verb} {path.rpartition('/')[2]}")
        return ContainerResponse(200, "application/json", b"{}")


def test_a_model_that_takes_long_goes_on_being_loaded(tmp_path: Path) -> None:
    async def check() -> None:
        container, bucket = Obliging(), Bucket()
        models = MultiModelContainer(cast(Container, container), bucket, PREFIX, tmp_path)
        bucket.released.clear()
        with pytest.raises(StillLoading, match=r"b\.tar\.gz is still being loaded"):
            await models.invoke("b.tar.gz", b"", {}, 0.01)
        bucket.released.set()
        assert (await models.invoke("b.tar.gz", b"", {}, 60)).status == 200
        assert container.paths == ["POST models", "POST invoke"]
        await models.close()

    asyncio.run(check())


def test_a_model_that_is_not_ready_is_told_as_sagemaker_tells_it(
    run: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        MultiModelContainer, "invoke", AsyncMock(side_effect=StillLoading("not yet"))
    )

    async def check(running: Running) -> None:
        assert await running.ask("a") == (429, {"Message": "not yet"})

    run(check)


def test_one_model_takes_no_name(run: Callable[..., None]) -> None:
    async def check(running: Running) -> None:
        status, told = await running.ask("a")
        assert (status, "isn't a multi-model endpoint" in told["Message"]) == (400, True)

    run(check, is_multi_model=False)
