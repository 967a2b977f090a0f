"""What a process does for itself before it starts one that isn't trusted."""

from confinement.kernel import PR_SET_CHILD_SUBREAPER, PR_SET_DUMPABLE, Unavailable, prctl
from confinement.limits import Held


def protect() -> Held:
    """Hide this process's memory and environment from its user's others, and adopt all orphans.

    `/proc/PID/environ`, `mem` and `maps` of it can't be read, and no debugger attaches. A
    descendant whose parent ends becomes its child, in whatever session it is.
    Repeating it does no harm.
    """
    held = Held()
    for name, flag, value in (
        ("private memory", PR_SET_DUMPABLE, 0),
        ("adopts orphans", PR_SET_CHILD_SUBREAPER, 1),
    ):
        try:
            prctl(flag, value)
        except (Unavailable, OSError) as error:
            held.missing[name] = str(error)
        else:
            held.layers.append(name)
    return held
