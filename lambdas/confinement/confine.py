"""Confines this process: each layer that the kernel offers, one after another."""

import os
import signal
import sys
from collections.abc import Callable

from confinement import capabilities, landlock, namespaces, resources, seccomp, system_files
from confinement.kernel import PR_SET_DUMPABLE, PR_SET_PDEATHSIG, Unavailable, prctl
from confinement.limits import Held, Limits


def confine(limits: Limits, *, parent: int | None = None) -> Held:
    """Confine this process for good, and return which layers hold.

    It belongs before the first thread: most layers bind the calling thread and what that starts.
    What is open already stays open: pairs of sockets, shared memory, files.

    Args:
        parent: the process with which this one ends; without it, the one that started it. The
            kernel takes the *thread* that forked for the parent.
    """
    held = Held()
    _lead_a_session()

    def add(name: str, layer: Callable[[], object]) -> None:
        try:
            layer()
        except (Unavailable, OSError, ValueError) as error:
            held.missing[name] = str(error)
        else:
            held.layers.append(name)

    add("end with parent", lambda: end_with_parent(parent or os.getppid()))
    add("limits", lambda: resources.restrict(limits))
    add("namespaces", lambda: namespaces.enter(network=limits.network))
    add("no capabilities", capabilities.drop)
    add("private memory", lambda: prctl(PR_SET_DUMPABLE, 0))
    _add_landlock(held, limits)
    add("system calls", lambda: seccomp.restrict(limits))
    return held


def end_with_parent(parent: int) -> None:
    """Let the kernel kill this process when its parent ends; end now if it has ended."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the parent has ended")


def _lead_a_session() -> None:
    """Leave the parent's process group, so that signals to the own group reach nobody else."""
    if os.getpgrp() != os.getpid():
        os.setsid()


def _add_landlock(held: Held, limits: Limits) -> None:
    names = landlock.layers(landlock.LATEST)
    try:
        offered = landlock.restrict(
            (*system_files.readable(), *limits.readable),
            (*system_files.writable(), *limits.writable),
            programs=limits.processes > 0,
            network=limits.network,
        )
    except (Unavailable, OSError) as error:
        held.missing |= dict.fromkeys(names, str(error))
        return
    there = landlock.layers(offered)
    held.layers += there
    for name in names:
        if name not in there:
            held.missing[name] = f"the kernel offers version {offered}"
