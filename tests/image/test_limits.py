"""The limits that Lambda sets, met by a handler that tries them."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.image.emulator import Function, Runner, Running, Stopwatch

READ_ONLY = "Read-only file system"
OF_THE_ROOT = ("/x", "/var/task/x", "/opt/x", "/var/lang/x", "/dev/x")


@pytest.fixture(scope="module")
def tight(runner: Runner, limited: Function) -> Iterator[Running]:
    with runner.start(limited) as running:
        yield running


def test_it_is_the_access_points_user(tight: Running) -> None:
    assert tight.invoke({"user": None}) == 1001


def test_nothing_of_the_root_can_be_written(
    tight: Running, measured: Callable[[str], None]
) -> None:
    said = {path: tight.invoke({"write": path}) for path in OF_THE_ROOT}
    assert set(said.values()) <= {READ_ONLY, "Permission denied"}, said
    measured("writes refused: " + "; ".join(f"{path}: {text}" for path, text in said.items()))


def test_the_file_system_is_read_only(tight: Running, measured: Callable[[str], None]) -> None:
    said = tight.invoke({"write": "/mnt/ml/x"})
    assert said == READ_ONLY
    measured(f"write refused on the file system of inference: /mnt/ml/x: {said}")


def test_the_file_system_can_be_written_by_who_may(runner: Runner, limited: Function) -> None:
    with runner.start(replace(limited, writable=True)) as running:
        assert running.invoke({"write": "/mnt/ml/x"}) is None
    assert (limited.folder / "x").stat().st_uid == 1001


def test_tmp_can_be_written(tight: Running) -> None:
    assert tight.invoke({"write": "/tmp/x"}) is None


def test_there_is_no_shared_memory(tight: Running) -> None:
    assert tight.invoke({"semaphore": None}) is not None


def test_nothing_is_reached(runner: Runner, tight: Running) -> None:
    if "network" in runner.missing:
        pytest.skip(f"{runner.name} shares this machine's network")
    assert tight.invoke({"connect": ["1.1.1.1", 53]}) == "Network is unreachable"


def test_too_much_memory_kills_the_runtime_and_the_next_request_finds_a_new_one(
    runner: Runner, tight: Running, measured: Callable[[str], None]
) -> None:
    if "memory" in runner.missing:
        pytest.skip("this machine lets no control groups be made")
    assert tight.invoke({"take": 100}) == 100
    died = tight.invoke({"take": 1000})
    assert died["errorType"] == "Runtime.ExitError"
    assert "signal: killed" in died["errorMessage"]
    with Stopwatch() as watch:
        assert tight.invoke({"take": 100}) == 100
    measured(
        f"out of memory at 512 MB: {died['errorMessage'].partition('Error: ')[2]}; "
        f"answered again in {watch.seconds:.2f} s"
    )


def test_a_time_out_ends_the_runtime_and_the_next_request_finds_a_new_one(
    tight: Running, measured: Callable[[str], None]
) -> None:
    assert tight.invoke({"wait": 0.1}) == 0.1
    with Stopwatch() as late:
        assert "Task timed out after 3.00 seconds" in tight.invoke({"wait": 600})
    with Stopwatch() as again:
        assert tight.invoke({"wait": 0}) == 0
    measured(f"timed out after {late.seconds:.2f} s; answered again in {again.seconds:.2f} s")
