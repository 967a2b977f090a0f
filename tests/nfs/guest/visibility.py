"""How long a reader doesn't see what a writer did, with the clients' caches warm.

Arguments: the seconds for which the reader asks before anything changes, and those for which it
looks afterwards. A client trusts what it knows the longer, the longer nothing has changed.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from serving.errors import ModelmountError
from serving.repository.model_reader import ModelReader
from tests.nfs.guest import clients
from tests.nfs.guest.report import found
from tests.nfs.guest.writer import Writer

WRITER, READER = 0, 1
EVERY = 0.2
MODEL = "iris"
PLAIN_SCENES = 6


@dataclass(frozen=True)
class Case:
    """What a writer changes, and what a reader sees of it.

    Attributes:
        begin: lays out what is there before; by default one version.
    """

    name: str
    change: Callable[[Writer], object]
    see: Callable[[ModelReader], object]
    begin: Callable[[Writer], object] = lambda writer: writer.upload(MODEL, 1)


class Scene:
    """A case in a repository of its own: reading one must not refresh another."""

    def __init__(self, case: Case, number: int) -> None:
        self.name = case.name
        self._case = case
        self._writer = Writer(clients.path(WRITER) / f"r{number}")
        case.begin(self._writer)
        self._models = ModelReader(clients.path(READER) / f"r{number}/models")
        self._before = self.seen()
        self.seconds: float | None = None

    def seen(self) -> object:
        """Return what the reader sees now; an error is something to see as well."""
        try:
            return self._case.see(self._models)
        except (OSError, ModelmountError) as error:
            return type(error).__name__

    def change(self) -> None:
        """Change something behind the reader's back."""
        self._case.change(self._writer)

    def look(self, begun: float) -> None:
        """Note the time when the reader first sees a change."""
        if self.seconds is None and self.seen() != self._before:
            self.seconds = round(time.monotonic() - begun, 2)


def main(warm: str, at_most: str) -> None:
    """Change everything at once, and find when each change is seen."""
    scenes = [Scene(case, number) for number, case in enumerate(CASES)]
    plain = _look_for(scenes, float(warm))
    for scene in (*scenes, *plain):
        scene.change()
    begun = time.monotonic()
    while time.monotonic() - begun < float(at_most):
        for scene in (*scenes, *plain):
            scene.look(begun)
        time.sleep(EVERY)
    seen = {scene.name: scene.seconds for scene in scenes}
    found({"seen": seen, "plain": [scene.seconds for scene in plain]})


def _look_for(scenes: list[Scene], seconds: float) -> list[Scene]:
    """Let the reader look for so long; return the plain scenes, which begin one by one.

    What a client knows of the one therefore expires at another time than for the next.
    """
    plain: list[Scene] = []
    begun = time.monotonic()
    while (elapsed := time.monotonic() - begun) < seconds or len(plain) < PLAIN_SCENES:
        if elapsed >= len(plain) * seconds / PLAIN_SCENES and len(plain) < PLAIN_SCENES:
            plain.append(Scene(PLAIN, len(CASES) + len(plain)))
        for scene in (*scenes, *plain):
            scene.seen()
        time.sleep(EVERY)
    return plain


def _version(models: ModelReader, version: str | None = None) -> Any:
    return models.resolve(MODEL, version).manifest.version


def _write(models: ModelReader) -> Any:
    return models.resolve(MODEL).manifest.source.version_id


def _link(models: ModelReader) -> str:
    """Read the link as a program does that knows nothing of NFS."""
    return os.readlink(models.folder(MODEL) / "current")  # noqa: PTH115 (the bare call is meant)


def _two(writer: Writer) -> None:
    writer.upload(MODEL, 1)
    writer.upload(MODEL, 2)


def _rewrite(writer: Writer) -> None:
    """Delete version 1, and upload it anew with other bytes."""
    writer.operations.delete(MODEL, "1")
    writer.upload(MODEL, 1, write=10**9)


def _none(writer: Writer) -> None:
    """Begin without a model."""


_second = partial(Writer.upload, model=MODEL, version=2)
_first = partial(Writer.upload, model=MODEL, version=1)

CASES = (
    Case("a newer version serves", _second, _version),
    Case("a version is pinned", lambda w: w.operations.pin(MODEL, "1"), _version, _two),
    Case("the first version of a model", _first, _version, _none),
    Case("a version asked for too early", _second, partial(_version, version="2")),
    Case("a model is withdrawn", lambda w: w.withdraw(MODEL, 1), _version),
    Case(
        "a version is deleted",
        lambda w: w.operations.delete(MODEL, "1"),
        partial(_version, version="1"),
        _two,
    ),
    Case("a version is written anew", _rewrite, _write),
    Case("a first upload begins", lambda w: w.announce(MODEL), lambda r: r.state(MODEL), _none),
    Case(
        "a first upload is refused",
        lambda w: w.reject(MODEL),
        lambda r: r.state(MODEL),
        lambda w: w.announce(MODEL),
    ),
    Case("a model is listed", _first, ModelReader.names, _none),
    Case("versions are listed", _second, lambda r: len(r.status(MODEL).ready)),
    Case("a first version is listed", _first, lambda r: len(r.manifests(MODEL)), _none),
)
# How a reader fares that doesn't ask: it shows that the clients do cache.
PLAIN = Case("the link alone", _second, _link)
