"""From one version to the next, under callers who go on asking; and what is pinned."""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from benchmarks.cache import models
from modelmount_compiler.frameworks.model import Model
from serving.cache.loading_cache import Loaded
from serving.errors import ModelUnavailable, OverBudget
from serving.repository.model_reader import ModelReader
from serving.service import loading
from serving.service.originals import Originals
from serving.service.query import Query
from serving.service.servable_version import FormId, ServableVersion
from serving.service.service import Service
from serving.service.version_switch import RETRY_BROKEN_SECONDS, RETRY_FULL_SECONDS

MIB = 1024 * 1024
ROW = models.ROW[:8]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Gate:
    """Stops the loading of one version until it is opened."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.reached, self.open = threading.Event(), threading.Event()
        self.loads: list[str] = []
        self.load = loading.load

    def __call__(self, resolved: Any, form: loading.Form, originals: Originals) -> Loaded[Model]:
        version = resolved.manifest.version
        self.loads.append(version)
        if version == self.version:
            self.reached.set()
            assert self.open.wait(30)
        return self.load(resolved, form, originals)


class System:
    """A repository of compiled models and the service before it."""

    def __init__(self, root: Path, budget: int) -> None:
        self.root = root
        self.clock = Clock()
        self.service = Service(
            ModelReader(root / "models"), budget_bytes=budget, refresh_seconds=1, clock=self.clock
        )

    def publish(self, model: str, version: int, mib: float = 1) -> None:
        models.publish(self.root, model, version, int(mib * MIB), float(version), len(ROW))
        self.clock.now += 1

    def spoil(self, model: str, version: int) -> None:
        (self.root / "models" / model / "versions" / str(version) / "compiled").write_bytes(b"rot")

    def ask(self, model: str = "m", version: str | None = None) -> float:
        answer = self.service.ask(Query(model, version, [ROW]))
        value = float(answer.result[0, 0])
        assert answer.manifest.version == str(int(value))
        return value

    def loaded(self) -> set[tuple[str, str]]:
        entries = self.service._cache._entries.select(lambda _: True)
        return {(form.version.model, form.version.version) for form in entries}


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path, budget=10 * MIB)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate("2")
    monkeypatch.setattr(loading, "load", gate)
    yield gate
    gate.open.set()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def preferred(version: ServableVersion) -> FormId:
    return version.preferred


def begun(pool: ThreadPoolExecutor, ask: Callable[[], float], gate: Gate) -> Future[float]:
    first = pool.submit(ask)
    assert gate.reached.wait(30)
    return first


def test_while_one_caller_loads_the_new_version_the_others_get_the_old(
    system: System, gate: Gate, pool: ThreadPoolExecutor
) -> None:
    system.publish("m", 1)
    assert system.ask() == 1
    system.publish("m", 2)
    first = begun(pool, system.ask, gate)
    system.clock.now += 5
    assert [system.ask() for _ in range(3)] == [1, 1, 1]
    gate.open.set()
    assert first.result(30) == 2
    assert system.ask() == 2
    assert gate.loads == ["1", "2"]


def test_who_still_uses_the_old_version_does_not_bring_it_back(system: System) -> None:
    system.publish("kept", 1, mib=4)
    system.service.preload(["kept"])

    with system.service._switch.version("kept", None, preferred) as used:
        system.publish("kept", 2, mib=4)
        assert system.ask("kept") == 2
    assert used.manifest.version == "1"
    resolution = system.service._resolver.resolve("kept", None)
    assert resolution.loaded is resolution.latest
    assert resolution.latest.manifest.version == "2"
    system.publish("m", 1, mib=4)
    system.ask("m")
    assert system.loaded() == {("kept", "2"), ("m", "1")}


def test_the_old_version_is_not_evicted_while_the_new_one_loads(
    system: System, gate: Gate, pool: ThreadPoolExecutor
) -> None:
    system.publish("m", 1, mib=4)
    system.ask()
    system.publish("other", 1, mib=4)
    system.ask("other")
    system.publish("m", 2, mib=4)
    first = begun(pool, system.ask, gate)
    assert system.loaded() == {("m", "1"), ("m", "2")}, "the other one had been used later"
    assert system.ask() == 1
    gate.open.set()
    assert first.result(30) == 2


def test_where_memory_does_not_hold_both_the_old_one_goes_first(system: System) -> None:
    for version in (1, 2):
        system.publish("m", version, mib=7)
        assert system.ask() == version
    assert system.loaded() == {("m", "2")}


def test_where_memory_does_not_hold_both_others_wait_for_the_new_one(
    system: System, gate: Gate, pool: ThreadPoolExecutor
) -> None:
    system.publish("m", 1, mib=7)
    system.ask()
    system.publish("m", 2, mib=7)
    first = begun(pool, system.ask, gate)
    second = pool.submit(system.ask)
    gate.open.set()
    assert (first.result(30), second.result(30)) == (2, 2)


def test_where_memory_does_not_hold_both_and_the_old_one_is_in_use_it_serves_on(
    system: System,
) -> None:
    system.publish("m", 1, mib=7)
    system.ask()
    old = system.service._resolver.resolve("m", None).latest
    system.publish("m", 2, mib=7)
    with system.service._cache.hold(old.estimates):
        assert system.ask() == 1
    assert system.ask() == 1
    system.clock.now += RETRY_FULL_SECONDS
    assert system.ask() == 2


def test_a_version_that_can_never_fit_leaves_the_old_one_alone(system: System) -> None:
    system.publish("m", 1, mib=7)
    system.ask()
    system.publish("m", 2, mib=11)
    assert system.ask() == 1
    with pytest.raises(OverBudget, match="memory_mb"):
        system.ask(version="2")
    assert system.loaded() == {("m", "1")}


@pytest.mark.parametrize("mib", [1, 7])
def test_a_version_that_does_not_load_stays_out(
    system: System, mib: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Though the old one had to go for it, where `mib` is 7; or was evicted before."""
    system.publish("m", 1, mib)
    system.ask()
    system.publish("m", 2, mib)
    system.spoil("m", 2)
    assert system.ask() == 1
    assert "version 1 answers" in caplog.text
    system.publish("big", 1, mib=9)
    system.ask("big")
    assert system.ask() == 1
    models.publish(system.root, "m", 3, mib * MIB, 3.0, len(ROW))
    system.clock.now += RETRY_BROKEN_SECONDS
    assert system.ask() == 3


def test_callers_who_waited_for_a_version_that_does_not_load_get_the_old_one(
    system: System, gate: Gate, pool: ThreadPoolExecutor
) -> None:
    system.publish("m", 1, mib=7)
    system.ask()
    system.publish("m", 2, mib=7)
    system.spoil("m", 2)
    asked = [begun(pool, system.ask, gate), pool.submit(system.ask)]
    gate.open.set()
    assert [each.result(30) for each in asked] == [1, 1]


def test_what_is_preloaded_is_never_evicted_but_for_its_newer_version(system: System) -> None:
    system.publish("kept", 1, mib=4)
    system.service.preload(["kept"])
    for number in range(3):
        system.publish(f"m{number}", 1, mib=4)
        system.ask(f"m{number}")
        assert ("kept", "1") in system.loaded()
    system.publish("kept", 2, mib=4)
    assert system.ask("kept") == 2
    for number in range(3):
        system.ask(f"m{number}")
        assert ("kept", "2") in system.loaded()
        assert ("kept", "1") not in system.loaded()


def test_what_is_preloaded_serves_on_where_its_newer_version_does_not_load(
    system: System,
) -> None:
    system.publish("kept", 1, mib=7)
    system.service.preload(["kept"])
    system.publish("kept", 2, mib=7)
    system.spoil("kept", 2)
    assert system.ask("kept") == 1
    system.publish("m", 1, mib=4)
    with pytest.raises(OverBudget, match="preload"):
        system.ask("m")


def test_preloading_more_than_fits_is_told_and_keeps_what_came_first(
    system: System, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("a", "b", "c"):
        system.publish(name, 1, mib=4)
    with caplog.at_level(logging.WARNING):
        system.service.preload(["a", "b", "c"])
    assert "'c' isn't preloaded: All memory" in caplog.text
    assert system.loaded() == {("a", "1"), ("b", "1")}


def test_what_is_unloaded_goes_though_it_was_preloaded_and_is_kept_again_once_it_is_asked(
    system: System,
) -> None:
    system.publish("kept", 1, mib=4)
    system.service.preload(["kept"])
    system.service.unload("kept")
    assert system.loaded() == set()
    system.ask("kept")
    system.publish("m", 1, mib=9)
    with pytest.raises(ModelUnavailable):
        system.ask("m")
