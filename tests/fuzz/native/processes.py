"""Sends mutants through a child process, and finds out which of them ends it."""

import os
import random
import resource
import select
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from serving.errors import UploadRejected
from serving.formats.model_formats import recognise
from tests.fuzz.native import bases, journey, mutations

MEMORY = 4 * 2**30
HANGS_SECONDS = 40.0
RECOGNISED = "recognised"  # files that are only recognised, under names of every format
# Stages of a mutant at which nothing may end, and what it would be that ends.
FAULTY = {
    "start": "the fuzzer itself",
    "recognise": "the preparer, which recognises the format",
    "inference": "or hung inference",
}


@dataclass
class Tally:
    """What became of the mutants.

    Attributes:
        outcomes: how many ended in each way.
        faults: what must not be, with the number of its mutant.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def run(self) -> int:
        """How many mutants were tried."""
        return self.outcomes.total()


def make(kind: str, seed: int, number: int, folder: Path) -> Path:
    """Write one mutant; the same seed and number give the same one."""
    rng = random.Random(f"{kind} {seed} {number}")
    files = bases.files(kind)
    path = folder / f"m.{kind}"
    path.write_bytes(mutations.mutant(kind, files[number % len(files)], rng))
    return path


def fuzz(kind: str, seed: int, mutants: int, folder: Path, seconds: float) -> Tally:
    """Try mutants until there are enough, or the time is up."""
    tally = Tally()
    ends = time.monotonic() + seconds
    number = 0
    while number < mutants and time.monotonic() < ends:
        died, stage = _many(kind, seed, range(number, mutants), folder, ends, tally)
        if stage is None:
            break
        # Memory that an earlier mutant has damaged can end a later one: alone it has to show.
        _alone(kind, seed, died, folder, tally)
        number = died + 1
    return tally


def _many(
    kind: str, seed: int, numbers: range, folder: Path, ends: float, tally: Tally
) -> tuple[int, str | None]:
    """Try mutants in one child; return the last one, and the stage at which it ended the child.

    Their rows aren't asked in company.
    """

    def work(tell: Callable[[str], None]) -> None:
        for number in numbers:
            tell(f"start {number}")
            tell(f"done {_try(kind, seed, number, folder, tell, is_whole=False)}")
            if time.monotonic() > ends:
                break

    last, stage = numbers.start, None
    for line in _lines(work):
        word, _, rest = line.partition(" ")
        if word == "start":
            last, stage = int(rest), "start"
        elif word == "done":
            stage = None
            _count(tally, last, rest)
        else:
            stage = line
    return last, stage


def _alone(kind: str, seed: int, number: int, folder: Path, tally: Tally) -> None:
    """Try a mutant in a child of its own, which tells what became of it."""
    stage, outcome = "start", None

    def work(tell: Callable[[str], None]) -> None:
        tell(f"done {_try(kind, seed, number, folder, tell, is_whole=True)}")

    for line in _lines(work):
        if line.startswith("done "):
            outcome = line.removeprefix("done ")
        else:
            stage = line
    if outcome is not None:
        _count(tally, number, outcome)
    elif stage in FAULTY:
        _count(tally, number, f"FAULT ended {FAULTY[stage]}")
    else:
        _count(tally, number, "ended the preparer's child")


def _count(tally: Tally, number: int, outcome: str) -> None:
    if outcome.startswith(("BAD REASON", "FAULT")):
        tally.faults.append(f"mutant {number}: {outcome}")
        outcome = " ".join(outcome.split()[:2])
    tally.outcomes[outcome] += 1


def _try(
    kind: str,
    seed: int,
    number: int,
    folder: Path,
    tell: Callable[[str], None],
    *,
    is_whole: bool,
) -> str:
    path = make(kind, seed, number, folder)
    if kind == "program":
        return journey.load_program(path, tell)
    tell("recognise")
    if kind == RECOGNISED:
        return journey.recognised(path, number)
    try:
        fmt = recognise(path)
    except UploadRejected as error:
        return error.rejection_code
    return journey.travel(path, fmt, tell, is_whole=is_whole)


def _lines(work: Callable[[Callable[[str], None]], None]) -> list[str]:
    """Return the lines that a child tells until it ends; one that is silent for long is ended."""
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reader)
        _child(writer, work)
    os.close(writer)
    told = b""
    while True:
        ready, _, _ = select.select([reader], [], [], HANGS_SECONDS)
        data = os.read(reader, 65536) if ready else b""
        told += data
        if not data:
            break
    os.close(reader)
    if not ready:
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return told.decode().splitlines()


def _child(writer: int, work: Callable[[Callable[[str], None]], None]) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    try:
        work(lambda line: _tell(writer, line))
    finally:
        os._exit(0)


def _tell(writer: int, line: str) -> None:
    os.write(writer, f"{line}\n".encode())
