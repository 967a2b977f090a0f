"""How often the repository is looked at, and how much of it is remembered."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.cache import models
from serving.errors import ModelNotFound, VersionNotFound
from serving.repository.model_folder import PublishedVersion
from serving.repository.model_reader import ModelReader
from serving.service import version_resolver
from serving.service.query import Query
from serving.service.service import Service
from serving.service.version_resolver import VersionResolver

ROW = models.ROW[:8]


class Watched(ModelReader):
    """Counts what is read."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.calls: Counter[str] = Counter()
        self.on_resolve: Callable[[], None] = lambda: None

    def resolve(self, model: str, version: str | None = None) -> PublishedVersion:
        self.on_resolve()
        return super().resolve(model, version)

    def __getattribute__(self, name: str) -> object:
        found = super().__getattribute__(name)
        if callable(found):
            self.calls[name] += 1
        return found


def watched(root: Path, count: int) -> Watched:
    for number in range(count):
        models.publish(root, f"m{number}", 1, 1000, 1.0, len(ROW))
    return Watched(root / "models")


def reads(root: Path, count: int) -> Counter[str]:
    """Count what 100 queries read, within one interval and in the next, of `count` models."""
    watching, now = watched(root, count), [0.0]
    service = Service(watching, budget_bytes=2**20, refresh_seconds=1, clock=lambda: now[0])
    for moment in (0.0, 0.5, 1.0):
        now[0] = moment
        for _ in range(100):
            service.ask(Query("m0", None, [ROW]))
    return watching.calls


def test_a_model_is_looked_up_once_an_interval_however_many_there_are(tmp_path: Path) -> None:
    one, many = reads(tmp_path / "one", 1), reads(tmp_path / "many", 50)
    assert one["resolve"] == 2
    assert one == many


def test_while_one_caller_looks_again_the_others_take_what_is_known(tmp_path: Path) -> None:
    """However slow the file system is: they ask while that one is inside of it."""
    watching, now = watched(tmp_path, 1), [0.0]
    resolver = VersionResolver(watching, 1, lambda: now[0])
    before = resolver.resolve("m0", None).latest
    models.publish(tmp_path, "m0", 2, 1000, 2.0, len(ROW))
    now[0] = 1.0
    found: list[object] = []
    watching.on_resolve = lambda: found.append(resolver.resolve("m0", None).latest)
    assert resolver.resolve("m0", None).latest.manifest.version == "2"
    assert found == [before]


def test_names_that_nobody_has_are_not_remembered(tmp_path: Path) -> None:
    resolver = VersionResolver(watched(tmp_path, 1), 1)
    for number in range(10):
        with pytest.raises(ModelNotFound):
            resolver.resolve(f"unheard-of {number}", None)
        with pytest.raises(VersionNotFound):
            resolver.resolve("m0", f"unheard-of {number}")
    resolver.resolve("m0", None)
    assert list(resolver._resolutions) == [("m0", None)]


def test_what_is_remembered_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version_resolver, "MAX_RESOLUTIONS", 3)
    resolver = VersionResolver(watched(tmp_path, 5), 1)
    for number in range(5):
        resolver.resolve(f"m{number}", None)
    assert [model for model, _ in resolver._resolutions] == ["m2", "m3", "m4"]
    assert resolver.resolve("m0", None).latest.manifest.model == "m0"
