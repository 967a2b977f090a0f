"""Calls all that the policy lets a model reach, and tells what acts on files or processes.

    PYTHONPATH=.:lambdas python -m policies.acting [--seed 1 --of 8]

prints the table of docs/loading-policy.md. With `--of` it takes every so many-th class, from one
that the seed says.

Objects are made as a pickle makes them: without their constructor, and with hostile values in every
attribute that the policy takes. Models are fitted, too. Every method is called with hostile
arguments. Each class has a process of its own, which Python's audit keeps from what it is about to
do. What native code does shows by the files that it leaves.
"""

import argparse
import functools
import itertools
import pickle
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from modelmount_compiler.frameworks.loading_policy import policy
from policies import child, hostile
from policies.watch import Watch

TO_FITTED = 4  # of the arguments
BEGUN, DONE = ["begun"], ["done"]


def classes() -> list[str]:
    """Return the classes of the policy that the installed libraries have."""
    return [
        name for name in sorted(policy.for_version().classes) if hostile.class_of(name) is not None
    ]


def search(names: list[str]) -> tuple[list[tuple[str, str]], int]:
    """Return what acts and how, and how many calls were made."""
    told = [each for name in names for each in _of_class(name) if len(each) > 1]
    found = {(method, event) for method, events, _ in told for event in events}
    return sorted(found), sum(calls for _, _, calls in told)


def _of_class(name: str) -> Iterator[Any]:
    """Yield what the methods of a class do; one that ends its process is passed over."""
    tried = 0
    while True:
        told = child.run(functools.partial(_try, name, tried))
        yield from told
        begun = sum(each == BEGUN for each in told)
        if not begun or told[-1] == DONE:
            return
        tried += begun


def _try(name: str, tried: int, tell: Callable[[Any], None]) -> None:
    """Call the methods of a class that weren't tried before."""
    cls = hostile.class_of(name)
    if cls is None:
        return
    mark = str(Path.cwd() / "mark")
    watch = Watch(mark)
    makers = [
        functools.partial(hostile.made, cls, state) for state in hostile.states(name, cls, mark)
    ]
    ways = [*itertools.product(makers, hostile.arguments(mark))]
    if fitted := hostile.fitted(cls):
        load = functools.partial(pickle.loads, fitted)
        ways += [(load, arguments) for arguments in hostile.arguments(mark)[:TO_FITTED]]
    for base, method in itertools.islice(hostile.methods(cls), tried, None):
        tell(BEGUN)
        found: set[str] = set()
        calls = 0
        for make, arguments in ways:
            made = make()
            if made is not None:
                found |= watch.during(functools.partial(hostile.call, made, method, arguments))
                found |= _clear(Path.cwd())
                calls += 1
        tell([f"{base}.{method}", sorted(found), calls])
    tell(DONE)


def _clear(folder: Path) -> set[str]:
    """Remove what a call has left; return that it did."""
    left = list(folder.iterdir())
    for path in left:
        path.unlink()
    return {"a file that native code opens"} if left else set()


def table(found: list[tuple[str, str]]) -> str:
    """Return what was found in Markdown."""
    rows = [f"| {name.replace('_', chr(92) + '_')} | {event} |\n" for name, event in found]
    return "| called with hostile arguments | was about to |\n|---|---|\n" + "".join(rows)


def sample(seed: int, of: int) -> list[str]:
    """Return every so many-th class."""
    names = classes()
    random.Random(seed).shuffle(names)  # noqa: S311 (no secret)
    return names[::of]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m policies.acting")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--of", type=int, default=1)
    given = parser.parse_args()
    found, calls = search(sample(given.seed, given.of))
    print(f"{calls} calls")
    print(table(found), end="")
