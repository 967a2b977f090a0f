"""What a confined process reaches of its parent, the network, and other people's files."""

import json
import os
import sys
from pathlib import Path

import pytest

from confinement import filter_rules, landlock, seccomp, system_calls
from confinement.child import Ended, run_confined
from confinement.limits import MEBIBYTE, Limits

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="other systems have limits alone"),
]

# A tuple of what is tried, and the answer where it fails. `parent` isn't confined; `other` is a
# folder of somebody else.
ATTEMPTS = {
    "the parent's environment": "open(f'/proc/{parent}/environ').read()",
    "the parent's memory": "open(f'/proc/{parent}/mem', 'r+b')",
    "the parent's files": "os.listdir(f'/proc/{parent}/fd')",
    "the launcher's environment": "open(f'/proc/{os.getppid()}/environ').read()",
    "the launcher's memory": "open(f'/proc/{os.getppid()}/mem', 'rb')",
    "the list of processes": "os.listdir('/proc')",
    "a signal to the parent": "os.kill(parent, 0)",
    "a signal to the launcher": "os.kill(os.getppid(), 19)",
    "a signal to everybody": "os.kill(-1, 0)",
    "the parent's limits": "resource.prlimit(parent, resource.RLIMIT_NOFILE, (5, 5))",
    "the parent's processors": "os.sched_setaffinity(parent, {0})",
    "the parent's priority": "os.setpriority(os.PRIO_PROCESS, parent, 19)",
    "a debugger": "call('ptrace', 16, parent, 0, 0)",
    "reading memory": "call('process_vm_readv', parent, 0, 0, 0, 0, 0)",
    "signals by file": "fcntl.fcntl(0, fcntl.F_SETOWN, parent)",
    "TCP": "socket.create_connection(('127.0.0.1', 9001), 2)",
    "UDP": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "a socket of the system": "socket.socket(socket.AF_UNIX)",
    "the kernel's keys": "call('keyctl', 0, 0)",
    "io_uring": "call('io_uring_setup', 1, 0)",
    "bpf": "call('bpf', 0, 0, 0)",
    "a namespace": "call('unshare', 0x10000000)",
    "shared memory of its own": "mmap.mmap(-1, 4096)",
    "memory without a name": "os.memfd_create('x')",
    "System V memory": "call('shmget', 1, 4096, 0o1666)",
    "another program": "os.execv('/bin/true', ['true'])",
    # A child that came to be ends at once: two processes would write what was found.
    "another process": "os.fork() or os._exit(0)",
    "a list of others' files": "os.listdir(other)",
    "a file of others": "open(other + '/secret').read()",
    "changing a file of others": "open(other + '/secret', 'w')",
    "a file beside others'": "open(other + '/mine', 'w')",
    "deleting a file of others": "os.unlink(other + '/secret')",
    "moving a file of others": "os.rename(other + '/secret', home + '/secret')",
    "a link to a file of others": "os.link(other + '/secret', home + '/linked')",
    "cutting a file of others": "os.truncate(other + '/secret', 0)",
    "taking a folder from others": "os.chmod(other, 0)",
    "making it look old": "os.utime(other, (0, 0))",
    "a new folder": "os.mkdir(other + '/folder')",
    "the folder of temporary files": "os.listdir('/tmp')",
    "undoing it": "call('prctl', 1, 0, 0, 0, 0)",
}
PROBE = """
import fcntl, json, mmap, os, resource, socket, sys
from confinement.kernel import system_call
from confinement.system_calls import own_number
parent, other, home = int(sys.argv[1]), sys.argv[2], os.environ["HOME"]
def call(name, *arguments):
    return system_call(own_number(name), *arguments)
found = {}
for name, attempt in json.loads(sys.argv[3]).items():
    try:
        found[name] = "worked: " + repr(eval(attempt))[:80]
    except OSError as error:
        found[name] = type(error).__name__
open(home + "/found", "w").write(json.dumps(found))
"""


def probe(home: Path, attempts: dict[str, str], other: Path) -> dict[str, str]:
    confined = Limits(2**30, writable=(home,))
    arguments = ["-c", PROBE, str(os.getpid()), str(other), json.dumps(attempts)]
    ended = run_confined(arguments, confined, home=home, seconds=60)
    assert ended.exit_code == 0, ended
    found: dict[str, str] = json.loads((home / "found").read_text())
    return found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/secret").write_text("theirs")
    return tmp_path / "other"


def test_nothing_of_others_is_reached(home: Path, other: Path) -> None:
    found = probe(home, ATTEMPTS, other)
    assert {name: end for name, end in found.items() if end.startswith("worked")} == {}
    assert (other / "secret").read_text() == "theirs"
    assert [path.name for path in other.iterdir()] == ["secret"]


def test_without_the_layers_they_are_reached(
    home: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same attempts work where nothing is confined, so that each of them can fail."""
    harmless = (
        "the parent's files",
        "UDP",
        "a list of others' files",
        "shared memory of its own",
        "another process",
        "a file of others",
    )
    process = os.fork()
    if process == 0:
        os.environ["HOME"] = str(home)
        sys.argv = [
            "",
            str(os.getppid()),
            str(other),
            json.dumps({n: ATTEMPTS[n] for n in harmless}),
        ]
        exec(compile(PROBE, "probe", "exec"), {})
        os._exit(0)
    os.waitpid(process, 0)
    found = json.loads((home / "found").read_text())
    assert all(end.startswith("worked") for end in found.values()), found


ALLOWED = {
    "its home": "open(home + '/mine', 'w').write('x')",
    "libraries": "__import__('json')",
    "its own memory's size": "open('/proc/self/statm').read()",
    "a thread": "__import__('threading').Thread(target=print).start()",
    "a pair of sockets": "socket.socketpair()",
    "private memory": "mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)",
    "a signal to itself": "os.kill(os.getpid(), 0)",
    "random numbers": "os.urandom(3)",
    "the clock of a place": "__import__('zoneinfo').ZoneInfo('Europe/Oslo')",
}


def test_what_models_need_works(home: Path, other: Path) -> None:
    found = probe(home, ALLOWED, other)
    assert {name: end for name, end in found.items() if not end.startswith("worked")} == {}


def ended(home: Path, code: str, **limits: int) -> Ended:
    confined = Limits(**{"memory_bytes": 2**30, "writable": (home,), **limits})  # type: ignore[arg-type]
    return run_confined(["-c", code], confined, home=home, seconds=60)


def test_files_and_memory_are_bounded(home: Path) -> None:
    code = "open('large', 'wb').write(b'x' * 2**21)"
    assert b"File too large" in ended(home, code, file_bytes=MEBIBYTE).output
    assert b"MemoryError" in ended(home, "b'x' * 2**29", memory_bytes=2**28).output
    code = "files = [open('x', 'w') for _ in range(99)]"
    assert b"Too many open files" in ended(home, code, open_files=32).output


def test_its_output_does_not_fill_its_parent(home: Path) -> None:
    found = ended(home, "while True: print('x' * 9999)", file_bytes=MEBIBYTE)
    assert len(found.output) <= 8192


def test_every_layer_holds_here(home: Path) -> None:
    """Of a kernel with Landlock of version 6 or later, which CI's is, nothing is missing."""
    if landlock.version() < 6:
        pytest.skip(f"this kernel offers Landlock {landlock.version()}")
    assert "Missing: nothing" in ended(home, "pass").held


@pytest.mark.parametrize("machine", sorted(system_calls.AUDIT_ARCH))
@pytest.mark.parametrize("network", [True, False])
def test_a_filter_is_short_and_its_jumps_are_too(machine: str, network: bool) -> None:
    made = seccomp.program(Limits(1, network=network), 7, machine)
    assert len(made) < 4096
    assert all(0 <= jump < 256 for _, met, unmet, _ in made for jump in (met, unmet))
    for at, (operation, met, unmet, _) in enumerate(made):
        if operation & 0x07 == 0x05:
            assert at + max(met, unmet) + 1 < len(made)


def test_every_refused_call_has_a_number() -> None:
    names = filter_rules.refused(0, network=False)
    assert len(set(names)) == len(names)
    for machine in system_calls.AUDIT_ARCH:
        numbers = [system_calls.number(name, machine) for name in names]
        known = [number for number in numbers if number is not None]
        assert len(set(known)) == len(known) > 85
