"""Root's capabilities, given up for good.

https://man7.org/linux/man-pages/man2/capset.2.html
"""

import ctypes

from confinement.kernel import PR_SET_NO_NEW_PRIVS, prctl, system_call
from confinement.system_calls import own_number

VERSION_3 = 0x20080522


def drop() -> None:
    """Give up all capabilities, and what a started program would gain; raises as `prctl` does."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    header = (ctypes.c_uint32 * 2)(VERSION_3, 0)
    none = (ctypes.c_uint32 * 6)()
    system_call(own_number("capset"), ctypes.byref(header), ctypes.byref(none))
