"""A filter of system calls: a short program that the kernel runs before each call.

It refuses what `filter_rules` lists with EPERM and lets the rest pass. Whatever this process starts
has the filter too, and nobody can take it off.
https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

import ctypes
import os
import struct

from confinement import filter_rules, system_calls
from confinement.filter_rules import ArgumentRule
from confinement.kernel import Unavailable, need_linux, system_call
from confinement.limits import Limits

# Operations of the kernel's packet filters; linux/bpf_common.h.
LOAD, AND, RETURN = 0x20, 0x54, 0x06
JUMP, JUMP_IF_EQUAL, JUMP_IF_GREATER_OR_EQUAL = 0x05, 0x15, 0x35
# Results of a filter; linux/seccomp.h.
ALLOW, KILL_PROCESS = 0x7FFF0000, 0x80000000
REFUSE, NOT_IMPLEMENTED = 0x00050000 | 1, 0x00050000 | 38  # EPERM, ENOSYS
# Where linux/seccomp.h's `struct seccomp_data` has the number, the architecture, the arguments.
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
X32_CALLS = 0x40000000  # other numbers for the same calls, on x86-64 alone
SET_MODE_FILTER, ALL_THREADS = 1, 1

Instruction = tuple[int, int, int, int]  # operation, jump if true, jump if false, operand


class _Program(ctypes.Structure):
    """The kernel's `struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def restrict(limits: Limits) -> None:
    """Refuse calls from now on, in every thread of this process.

    Raises:
        Unavailable: no numbers are known for this system.
        OSError: the kernel refused.
    """
    need_linux()
    machine = system_calls.architecture()
    if machine is None:
        raise Unavailable("the numbers of this processor's system calls aren't known here")
    made = [struct.pack("<HBBI", *each) for each in program(limits, os.getpid(), machine)]
    passed = _Program(len(made), b"".join(made))
    number = system_calls.own_number("seccomp")
    if thread := system_call(number, SET_MODE_FILTER, ALL_THREADS, ctypes.byref(passed)):
        raise Unavailable(f"thread {thread} has a filter of its own")


def program(limits: Limits, pid: int, machine: str) -> list[Instruction]:
    """Return the filter for the process `pid`."""
    network, processes = limits.network, limits.processes
    names = filter_rules.refused(processes, network=network)
    rules = filter_rules.argument_rules(pid, processes, network=network)
    return [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_IF_EQUAL, 1, 0, system_calls.AUDIT_ARCH[machine]),
        (RETURN, 0, 0, KILL_PROCESS),
        (LOAD, 0, 0, NUMBER),
        *((JUMP_IF_GREATER_OR_EQUAL, 0, 1, X32_CALLS), (RETURN, 0, 0, NOT_IMPLEMENTED)),
        *((JUMP_IF_GREATER_OR_EQUAL, 0, 1, system_calls.FIRST_UNKNOWN),),
        (RETURN, 0, 0, NOT_IMPLEMENTED),
        *_listed([filter_rules.NOT_IMPLEMENTED], machine, NOT_IMPLEMENTED),
        *_listed(names, machine, REFUSE),
        *(each for rule in rules for each in _by_argument(rule, machine)),
        (RETURN, 0, 0, ALLOW),
    ]


def _listed(names: list[str], machine: str, result: int) -> list[Instruction]:
    """Return instructions that answer `result` for these calls; the call's number is loaded."""
    found = [system_calls.number(name, machine) for name in names]
    numbers = [each for each in found if each is not None]
    last = len(numbers)
    return [
        *((JUMP_IF_EQUAL, last - place, 0, each) for place, each in enumerate(numbers)),
        (JUMP, 0, 0, 1),
        (RETURN, 0, 0, result),
    ]


def _by_argument(rule: ArgumentRule, machine: str) -> list[Instruction]:
    """Return instructions that refuse a call by an argument's lower half; the number is loaded."""
    number = system_calls.number(rule.name, machine)
    if number is None:
        return []
    refuses_these = rule.refuses == "these"
    last = len(rule.values)
    # Each comparison that is met jumps behind the others.
    compare = [(JUMP_IF_EQUAL, last - place, 0, each) for place, each in enumerate(rule.values)]
    allow, refuse = (JUMP, 0, 0, 1), (RETURN, 0, 0, REFUSE)
    ends = [allow, refuse] if refuses_these else [refuse]
    body = [
        (LOAD, 0, 0, ARGUMENTS + 8 * rule.argument),
        (AND, 0, 0, rule.mask),
        *compare,
        *ends,
        (LOAD, 0, 0, NUMBER),
    ]
    return [(JUMP_IF_EQUAL, 0, len(body), number), *body]
