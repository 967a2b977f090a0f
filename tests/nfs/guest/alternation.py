"""Loaders on several clients, which take turns, against one loader on a local disk.

After each step every client must see what the loader of the local disk sees. Nobody forgets in
between: each client has looked at everything before, what wasn't there included.

Arguments: the number of steps, and the seed of their order.
"""

import contextlib
import os
import random
from collections.abc import Callable
from pathlib import Path

from serving.errors import OperationRefused
from tests.lambdas.crash import state
from tests.nfs.guest import clients
from tests.nfs.guest.report import found
from tests.nfs.guest.writer import Writer

ROOT = Path(__file__).resolve().parents[3]
MODELS = ("iris", "rose")
VERSIONS = 4
Step = Callable[[Writer], object]


def main(steps: str = "20", seed: str = "0") -> None:
    """Take each step on one client and on the local disk, and compare what all of them see."""
    os.chdir(ROOT)
    choice = random.Random(int(seed))
    local = Writer(Path("/run/local"))
    loaders = [Writer(clients.path(number) / "shared") for number in range(clients.COUNT)]
    differences: list[str] = []
    for number in range(int(steps)):
        name, step = _step(choice, number)
        actor = choice.randrange(clients.COUNT)
        _take(step, local)
        _take(step, loaders[actor])
        expected = state.snapshot(local.repository)
        for client, loader in enumerate(loaders):
            seen = state.snapshot(loader.repository)
            if seen != expected:
                text = f"{number}: {name} by {actor}; {client} sees {seen} instead of {expected}"
                differences.append(text)
    found({"steps": int(steps), "differences": differences})


def _take(step: Step, writer: Writer) -> None:
    with contextlib.suppress(OperationRefused):
        step(writer)


def _step(choice: random.Random, number: int) -> tuple[str, Step]:
    """Return a step and its name; the number orders the writes."""
    model, version = choice.choice(MODELS), choice.randint(1, VERSIONS)
    steps: dict[str, Step] = {
        "upload": lambda w: w.upload(model, version, write=number + 1),
        "upload again": lambda w: w.upload(model, version, write=number + 1),
        "announce": lambda w: w.announce(model, version, write=number + 1),
        "reject": lambda w: w.reject(model, version, write=number + 1),
        "withdraw": lambda w: w.withdraw(model, version, number + 1),
        "delete": lambda w: w.operations.delete(model, str(version)),
        "pin": lambda w: w.operations.pin(model, str(version)),
        "unpin": lambda w: w.operations.unpin(model),
        "roll back": lambda w: w.operations.roll_back(model),
        "refuse": lambda w: w.refuse(f"a/b/c/{version}.pkl"),
        "forgive": lambda w: w.repository.forgive(f"a/b/c/{version}.pkl"),
        "exhume": lambda w: w.repository.exhume(model, f"{model}/{version}/m.pkl"),
    }
    name = choice.choice(list(steps))
    return f"{name} {model} {version}", steps[name]
