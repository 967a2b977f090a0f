"""The repository on a real NFS client and server, in short. `make nfs` does it at length.

README.md has what each experiment is.
"""

from collections.abc import Callable

from tests.nfs.machine import Machine

SOON = 2.0  # seconds
QUICK = "actimeo=1"
# What a client knows of a name lasts 3 to 60 seconds by default. This can't be waited out.
LASTING = "actimeo=600"
LIMIT = 300.0  # seconds, for a machine that others use too


def test_a_reader_soon_sees_what_a_writer_did(
    machine: Machine, measured: Callable[[str], None]
) -> None:
    found = machine.run("visibility", "3", "4", options=LASTING, seconds=LIMIT)
    late = {name: s for name, s in found["seen"].items() if s is None or s > SOON}
    assert not late
    # Else these clients don't cache, and the rest shows nothing.
    assert set(found["plain"]) == {None}
    measured(f"NFS: a change is seen after {max(found['seen'].values())} s at most")


def test_looking_for_a_version_takes_four_requests(machine: Machine) -> None:
    found = machine.run("cost", options=LASTING, seconds=LIMIT)
    assert found == {"OPEN_NOATTR": 1, "CLOSE": 1, "GETATTR": 2}


def test_loaders_of_several_clients_work_as_one(machine: Machine) -> None:
    found = machine.run("alternation", "40", "1", options=LASTING, seconds=LIMIT)
    assert found["differences"] == []


def test_no_reader_dies_of_a_version_that_was_pruned(machine: Machine) -> None:
    found = machine.run("mapped_readers", "5", seconds=LIMIT)
    assert found["read"] == {"answered": 5}
    assert found["mapped"] == {"SIGBUS": 3}  # what it would be with mapped files


def test_a_version_whose_files_are_open_is_deleted(machine: Machine) -> None:
    found = machine.run("open_files", seconds=LIMIT)
    assert found["outcome"] == "withdrawn"
    assert found["serves"] == "2"
    assert found["readable"]
    assert found["left_while_open"] == 1  # Linux renamed it
    assert found["left_afterwards"] == 0


def test_whatever_is_killed_nothing_is_torn_and_nothing_lost(machine: Machine) -> None:
    found = machine.run("crashes", "4", "40", "6", options=QUICK, seconds=LIMIT)
    assert found["torn"] == []
    assert found["lost"] == []
    assert found["kills"] >= 10
    assert found["looks"] > found["kills"]
