"""Namespaces of its own: a user without capabilities outside, and a network without devices.

They need a kernel that lets everybody make user namespaces, and a process with one thread.
https://man7.org/linux/man-pages/man7/user_namespaces.7.html
"""

import os
from pathlib import Path

from confinement.kernel import PR_SET_DUMPABLE, prctl, system_call
from confinement.system_calls import own_number

NEW_USER, NEW_NETWORK, NEW_IPC = 0x10000000, 0x40000000, 0x08000000


def enter(*, network: bool) -> None:
    """Move this process into namespaces of its own; raises `Unavailable` or `OSError`.

    The user and group keep their numbers, so that files stay its own.
    """
    user, group = os.geteuid(), os.getegid()
    # The kernel gives the files that are written here to root unless the process is dumpable.
    prctl(PR_SET_DUMPABLE, 1)
    system_call(own_number("unshare"), NEW_USER | NEW_IPC | (0 if network else NEW_NETWORK))
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny", encoding="ascii")
    (own / "uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    (own / "gid_map").write_text(f"{group} {group} 1", encoding="ascii")
