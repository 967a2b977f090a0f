"""Reads and writes objects on the local S3 server."""

import asyncio
import io
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

from aiohttp import ClientResponse, ClientSession, ClientTimeout

from local.s3.authorization import moto_authorization

_S3 = "{http://s3.amazonaws.com/doc/2006-03-01/}"


class ObjectNotFound(Exception):
    """There is no object at this place."""


class ObjectStore:
    """A client of the S3 server at `url`; places are `s3://bucket/key`."""

    def __init__(self, url: str, region: str) -> None:
        self._url = url
        self._headers = {"Authorization": moto_authorization("s3", region)}

    async def get(self, uri: str) -> bytes:
        """Reads an object. Raises ObjectNotFound."""
        async with self._request("GET", uri) as answer:
            if answer.status == 404:
                raise ObjectNotFound(uri)
            answer.raise_for_status()
            return await answer.read()

    async def put(self, uri: str, body: bytes, content_type: str) -> None:
        """Writes an object."""
        async with self._request("PUT", uri, body, {"Content-Type": content_type}) as answer:
            answer.raise_for_status()

    async def create_bucket(self, uri: str) -> None:
        """Creates the bucket of a place; an existing one is kept."""
        async with self._request("PUT", uri.removeprefix("s3://").partition("/")[0]) as answer:
            answer.raise_for_status()

    async def download(self, uri: str, folder: Path, *, is_archive: bool) -> None:
        """Downloads a prefix, or unpacks an archive, into `folder`. Raises ObjectNotFound."""
        folder.mkdir(parents=True, exist_ok=True)
        if is_archive:
            await asyncio.to_thread(_unpack, await self.get(uri), folder)
            return
        for name in await self._names(uri):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(await self.get(uri + name))

    async def _names(self, uri: str) -> list[str]:
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        query = f"?list-type=2&prefix={quote(prefix, safe='')}"
        async with self._request("GET", bucket, query=query) as answer:
            answer.raise_for_status()
            listed = ElementTree.fromstring(await answer.read())  # noqa: S314 our own server's
        keys = [key.text or "" for key in listed.iter(f"{_S3}Key")]
        names = [key.removeprefix(prefix) for key in keys if not key.endswith("/")]
        if not names:
            raise ObjectNotFound(uri)
        return names

    @asynccontextmanager
    async def _request(
        self,
        verb: str,
        uri: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        query: str = "",
    ) -> AsyncIterator[ClientResponse]:
        path = quote(uri.removeprefix("s3://"))
        async with (
            ClientSession(timeout=ClientTimeout(total=None)) as session,
            session.request(
                verb,
                f"{self._url}/{path}{query}",
                data=body,
                headers=self._headers | (headers or {}),
            ) as answer,
        ):
            yield answer


def _unpack(content: bytes, folder: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        archive.extractall(folder, filter="data")
