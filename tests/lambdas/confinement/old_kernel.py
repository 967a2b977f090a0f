"""A kernel of which confinement gets less: what AWS Lambda's may be."""

import pytest

from confinement import child

WITHOUT = """
import sys
from confinement import landlock, launch, namespaces, seccomp
from confinement.kernel import Unavailable
def unavailable(*arguments, **more):
    raise Unavailable("this kernel is old")
for module, name in (
    (landlock, "restrict"), (namespaces, "enter"), (seccomp, "restrict")
):
    setattr(module, name, unavailable)
launch.main(sys.argv[1:])
"""


def pretend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start confined processes without Landlock, filters of system calls and namespaces."""
    monkeypatch.setattr(child, "LAUNCHER", ("-c", WITHOUT))
