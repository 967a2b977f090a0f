"""Which system calls a confined process is refused, as data.

Most are refused whole. Some depend on an argument: a number that names another process, or a flag.
https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

from dataclasses import dataclass
from typing import Literal

CLONE_THREAD = 0x10000
# Every flag of clone(2) that makes a namespace.
CLONE_NAMESPACES = 0x7E020000
MAP_SHARED_ANONYMOUS = 0x21

# With these a process opens sockets. What is open already stays usable.
NETWORK = "socket connect bind listen accept accept4"
# With these it reads, changes or signals other processes, or keeps something for a later one.
OTHER_PROCESSES = (
    "ptrace process_vm_readv process_vm_writev kcmp process_madvise process_mrelease pidfd_getfd "
    "pidfd_send_signal tkill move_pages migrate_pages "
    "shmget shmat shmctl semget semop semctl semtimedop msgget msgsnd msgrcv msgctl "
    "mq_open mq_unlink"
)
# Memory that RLIMIT_DATA doesn't count.
UNCOUNTED_MEMORY = "memfd_create memfd_secret"
# Landlock guards none of these: with a path alone, they take a folder away from its owner.
METADATA = (
    "chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes futimesat "
    "utimensat setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr mknod mknodat"
)
# Parts of the kernel that no model needs, and that attacks on the kernel use.
KERNEL = (
    "mount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount fspick "
    "mount_setattr unshare setns swapon swapoff quotactl quotactl_fd name_to_handle_at "
    "open_by_handle_at add_key request_key keyctl bpf perf_event_open userfaultfd "
    "io_uring_setup io_uring_enter io_uring_register init_module finit_module delete_module "
    "kexec_load kexec_file_load reboot sethostname setdomainname syslog acct settimeofday "
    "clock_settime clock_adjtime adjtimex fanotify_init iopl ioperm modify_ldt"
)
# With these it starts processes and other programs.
PROCESSES = "fork vfork execve execveat"
# glibc goes back to clone(2), whose flags a filter can see.
NOT_IMPLEMENTED = "clone3"


@dataclass(frozen=True, slots=True)
class ArgumentRule:
    """A call that is refused by one of its arguments.

    Attributes:
        argument: the position of the argument, from 0.
        mask: the bits of it that count.
        values: the masked values that are meant.
        refuses: whether these values are refused, or all others.
    """

    name: str
    argument: int
    values: tuple[int, ...]
    refuses: Literal["these", "others"] = "others"
    mask: int = 0xFFFFFFFF


def refused(processes: int, *, network: bool) -> list[str]:
    """Return the names of the calls that are refused whatever their arguments."""
    groups = [OTHER_PROCESSES, UNCOUNTED_MEMORY, METADATA, KERNEL]
    if not network:
        groups.append(NETWORK)
    if processes == 0:
        groups.append(PROCESSES)
    return " ".join(groups).split()


def argument_rules(pid: int, processes: int, *, network: bool) -> list[ArgumentRule]:
    """Return the calls that are refused by an argument; `pid` is the process that is confined."""
    own = (0, pid)
    rules = [
        # Signals, limits and priorities of this process alone; 0 is itself, or its own group.
        ArgumentRule("kill", 0, own),
        *(
            ArgumentRule(name, 0, (pid,))
            for name in ("tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")
        ),
        *(
            ArgumentRule(name, 0, own)
            for name in (
                *("prlimit64", "sched_setaffinity", "sched_setscheduler"),
                *("sched_setparam", "sched_setattr"),
            )
        ),
        ArgumentRule("setpriority", 1, own),
        ArgumentRule("ioprio_set", 1, own),
        # F_SETOWN, F_SETSIG, F_SETOWN_EX; FIOSETOWN, SIOCSPGRP: the kernel signals for it.
        ArgumentRule("fcntl", 1, (8, 10, 15), "these"),
        # TIOCSTI and TIOCLINUX type into a terminal.
        ArgumentRule("ioctl", 1, (0x8901, 0x8902, 0x5412, 0x541C), "these"),
        # PR_SET_PDEATHSIG: it stays bound to its parent.
        ArgumentRule("prctl", 0, (1,), "these"),
        ArgumentRule("mmap", 3, (MAP_SHARED_ANONYMOUS,), "these", mask=MAP_SHARED_ANONYMOUS),
        ArgumentRule("clone", 0, (0,), mask=CLONE_NAMESPACES),
    ]
    if processes == 0:
        rules.append(ArgumentRule("clone", 0, (CLONE_THREAD,), mask=CLONE_THREAD))
    if not network:
        # A connected pair of streams (AF_UNIX, SOCK_STREAM) reaches nobody else.
        rules.append(ArgumentRule("socketpair", 0, (1,)))
        rules.append(ArgumentRule("socketpair", 1, (1,), mask=0xF))
    return rules
