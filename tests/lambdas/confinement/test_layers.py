"""Each layer alone holds what it is there for, and without any of them nothing does.

This is how the tests of reach are known to be able to fail: a layer is left out, and what only it
holds back works.
"""

import sys
from pathlib import Path

import pytest

from confinement import child
from tests.lambdas.confinement.test_reach import ATTEMPTS, probe

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="other systems have limits alone"),
]

LAYERS = ("resources.restrict", "namespaces.enter", "landlock.restrict", "seccomp.restrict")
ONLY = """
import sys
from confinement import launch, landlock, namespaces, resources, seccomp
from confinement.kernel import Unavailable
def unavailable(*arguments, **more):
    raise Unavailable("left out")
for name in {left_out!r}:
    module, function = name.split(".")
    setattr(globals()[module], function, unavailable)
launch.main(sys.argv[1:])
"""
# What is tried, and the layers that refuse it, each without the others.
REFUSED_BY = {
    "TCP": {"seccomp.restrict", "landlock.restrict", "namespaces.enter"},
    "UDP": {"seccomp.restrict"},
    "another process": {"seccomp.restrict"},
    "a debugger": {"seccomp.restrict", "landlock.restrict"},
    "a signal to the parent": {"seccomp.restrict", "landlock.restrict"},
    "shared memory of its own": {"seccomp.restrict"},
    "making it look old": {"seccomp.restrict"},
    "a list of others' files": {"landlock.restrict"},
    "a file of others": {"landlock.restrict"},
    "changing a file of others": {"landlock.restrict"},
    "the list of processes": {"landlock.restrict"},
}


@pytest.mark.parametrize("only", [*LAYERS, None])
def test_each_layer_holds_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only: str | None
) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    home.mkdir()
    other.mkdir()
    (other / "secret").write_text("theirs")
    left_out = [name for name in LAYERS if name != only]
    monkeypatch.setattr(child, "LAUNCHER", ("-c", ONLY.format(left_out=left_out)))
    # The port of nobody is refused by the kernel itself: what counts is by whom.
    attempts = {name: ATTEMPTS[name] for name in REFUSED_BY if name != "a debugger"}
    found = probe(home, attempts, other)
    for name, end in found.items():
        refused = end == "PermissionError" or (name == "TCP" and end == "OSError")
        assert refused is (only in REFUSED_BY[name]), (name, end)


@pytest.mark.parametrize("only", [None, *LAYERS])
def test_the_parent_stays_private_without_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only: str | None
) -> None:
    """That rests on its own flag, and on the capabilities that a confined process gives up."""
    left_out = [name for name in LAYERS if name != only]
    monkeypatch.setattr(child, "LAUNCHER", ("-c", ONLY.format(left_out=left_out)))
    names = ("the parent's environment", "the parent's memory", "the launcher's memory")
    found = probe(tmp_path, {name: ATTEMPTS[name] for name in names}, tmp_path)
    assert set(found.values()) == {"PermissionError"}
