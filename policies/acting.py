"""Calls all that the policy lets a model reach, and tells what acts on files, processes or networks.

    PYTHONPATH=.:lambdas python -m policies.acting [--seed 1 --of 8]

prints the table of docs/loading-policy.md. With `--of` it takes every so many-th class, from one
that the seed says.

Objects are made as a pickle makes them: without their constructor, and with hostile values in every
attribute that the policy takes. Models are fitted, too. Every method is called with hostile
arguments. Each class has a process of its own, which Python's audit keeps from what it is about to
do. What native code does shows by the files that it leaves.
"""

import argparse
import contextlib
import functools
import importlib
import inspect
import itertools
import json
import os
import pickle
import random
import resource
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from modelmount_compiler.frameworks.loading_policy import policy
from policies import observed

ACTS = (
    *(
        "os.system",
        "os.exec",
        "os.spawn",
        "os.posix_spawn",
        "os.fork",
        "os.forkpty",
        "os.startfile",
    ),
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.chmod", "os.link", "os.symlink"),
    *("os.truncate", "os.kill", "os.putenv", "subprocess", "socket", "shutil", "urllib", "http"),
    *("pty.", "ftplib", "smtplib", "webbrowser", "sqlite3", "tempfile"),
)
NAMES_IT = ("open", "exec", "compile", "import", "ctypes.dlopen", "pickle.find_class", "os.listdir")
MEMORY, SECONDS, CALL_SECONDS = 2**31, 60, 1.0
TO_FITTED = 4  # of the arguments
BEGUN, DONE = ["begun"], ["done"]
# Takes attributes by a name that the caller gives, which Python itself offers for every object.
OF_PYTHON = {"__getattribute__", "__setattr__", "__delattr__", "__init_subclass__", "__class__"}


class Refused(BaseException):
    """What the audit raises; it is no `Exception`, so that nothing goes on."""


class Slow(BaseException):
    """What a call that takes long raises."""


class Watch:
    """Notes what acts, and refuses it."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._found: set[str] = set()
        self.on = False
        sys.addaudithook(self._see)

    def during(self, call: Callable[[], Any]) -> set[str]:
        """Make a call; return what it was about to do."""
        self._found = set()
        self.on = True
        signal.setitimer(signal.ITIMER_REAL, CALL_SECONDS)
        try:
            call()
        except (Exception, Refused, Slow, SystemExit, KeyboardInterrupt):
            pass
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.on = False
        return self._found

    def _see(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event.startswith(ACTS) or (event in NAMES_IT and self._mark in repr(arguments)[:9999]):
            self._found.add(event)
            raise Refused(event)


def classes() -> list[str]:
    """Return the classes of the policy that the installed libraries have."""
    return [name for name in sorted(policy.for_version().classes) if _class(name) is not None]


def search(names: list[str]) -> tuple[list[tuple[str, str]], int]:
    """Return what acts and how, and how many calls were made."""
    told = [each for name in names for each in _of_class(name) if len(each) > 1]
    found = {(method, event) for method, events, _ in told for event in events}
    return sorted(found), sum(calls for _, _, calls in told)


def _of_class(name: str) -> Iterator[Any]:
    """Yield what the methods of a class do; one that ends its process is passed over."""
    tried = 0
    while True:
        told = _in_child(functools.partial(_try, name, tried))
        yield from told
        begun = sum(each == BEGUN for each in told)
        if not begun or told[-1] == DONE:
            return
        tried += begun


def _try(name: str, tried: int, tell: Callable[[Any], None]) -> None:
    """Call the methods of a class that weren't tried before."""
    cls = _class(name)
    assert cls is not None
    mark = str(Path.cwd() / "mark")
    watch = Watch(mark)
    signal.signal(signal.SIGALRM, _late)
    makers = [functools.partial(_made, cls, state) for state in _states(name, cls, mark)]
    ways = [*itertools.product(makers, _arguments(mark))]
    if fitted := _fitted(cls):
        load = functools.partial(pickle.loads, fitted)
        ways += [(load, arguments) for arguments in _arguments(mark)[:TO_FITTED]]
    for base, method in itertools.islice(_methods(cls), tried, None):
        tell(BEGUN)
        found: set[str] = set()
        calls = 0
        for make, arguments in ways:
            made = make()
            if made is not None:
                found |= watch.during(functools.partial(_call, made, method, arguments))
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


def _fitted(cls: type) -> bytes | None:
    """Return a pickle of a fitted model of the class, where one can be made."""
    models = [model for model in observed.instances() if type(model) is cls]
    with contextlib.suppress(Exception):
        if not models and hasattr(cls, "fit"):
            models = [cls()]
        if cls.__name__ == "Booster":
            return pickle.dumps(_booster(cls))
    for model in models:
        for features, target in observed.INPUTS:
            with contextlib.suppress(Exception):
                model.fit(features, target)
                return pickle.dumps(model)
    return None


def _booster(cls: type) -> Any:
    if cls.__module__.startswith("xgboost"):
        model = importlib.import_module("xgboost").XGBClassifier(n_estimators=2, n_jobs=1)
        return model.fit(observed.NUMBERS, observed.LABELS).get_booster()
    model = importlib.import_module("lightgbm").LGBMClassifier(n_estimators=2, n_jobs=1, verbose=-1)
    return model.fit(observed.NUMBERS, observed.LABELS).booster_


def _late(*_: object) -> None:
    raise Slow


def _class(name: str) -> type | None:
    module, _, attribute = name.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), attribute, None)
    except ImportError:
        return None  # of another version
    return found if isinstance(found, type) else None


def _methods(cls: type) -> Iterator[tuple[str, str]]:
    """Yield each method with the class that has it; compiled ones too."""
    seen = set(OF_PYTHON)
    for base in cls.__mro__[:-1]:
        for name, value in vars(base).items():
            if name in seen:
                continue
            seen.add(name)
            is_method = callable(value) or isinstance(value, property | classmethod | staticmethod)
            if is_method and not inspect.isclass(value):
                yield f"{base.__module__}.{base.__qualname__}", name


def _states(name: str, cls: type, mark: str) -> list[dict[str, Any]]:
    """Return what a pickle could set: each attribute that is taken, with a hostile value."""
    rule = policy.for_version().classes[name]
    known = [each for each in _attributes(rule) if not isinstance(vars(cls).get(each), property)]
    values = (mark, [mark], {mark: mark}, np.array([mark], dtype=object), 1)
    return [{}, *(dict.fromkeys(known, value) for value in values)]


def _attributes(rule: dict[str, Any]) -> list[str]:
    """Return the names of attributes in a rule, whatever groups it has them in."""
    found: list[str] = []
    for value in rule.values():
        if isinstance(value, str):
            found += value.split()
        elif isinstance(value, list | dict):
            found += [each for each in value if isinstance(each, str)]
    return [each for each in found if each.isidentifier()]


def _arguments(mark: str) -> list[tuple[Any, ...]]:
    texts, rows = np.array([[mark]], dtype=object), np.zeros((2, 3))
    return [
        *((mark,), (rows,), (), (mark, mark), ([mark],), ({"f": mark},), (texts,), (rows, [0, 1])),
        (None, mark),
    ]


def _made(cls: type, state: dict[str, Any]) -> Any:
    try:
        made = cls.__new__(cls)
        vars(made).update(state)
    except (TypeError, ValueError, AttributeError):
        try:
            return cls.__new__(cls) if not state else None
        except (TypeError, ValueError):
            return None
    return made


def _call(made: Any, method: str, arguments: tuple[Any, ...]) -> None:
    found = getattr(made, method)
    if callable(found):
        found(*arguments)


def _in_child(task: Callable[[Callable[[Any], None]], None]) -> list[Any]:
    """Run a task in a process with bounds, in a folder of its own; return all that it tells."""
    reader, writer = os.pipe()
    with tempfile.TemporaryDirectory() as folder:
        pid = os.fork()
        if not pid:
            _become(folder, writer, task)
        os.close(writer)
        with os.fdopen(reader, "rb") as told:
            data = told.read()
        os.waitpid(pid, 0)
    return [json.loads(line) for line in data.splitlines()]


def _become(folder: str, writer: int, task: Callable[[Callable[[Any], None]], None]) -> None:
    try:
        os.chdir(folder)
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        silent = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(silent, number)
        warnings.simplefilter("ignore")
        with os.fdopen(writer, "w", buffering=1) as lines:
            task(lambda told: print(json.dumps(told), file=lines))
    finally:
        os._exit(0)


def table(found: list[tuple[str, str]]) -> str:
    """Return what was found in Markdown."""
    rows = [f"| {name.replace('_', chr(92) + '_')} | {event} |\n" for name, event in found]
    return "| called with hostile arguments | was about to |\n|---|---|\n" + "".join(rows)


def sample(seed: int, of: int) -> list[str]:
    """Return every so many-th class."""
    names = classes()
    random.Random(seed).shuffle(names)
    return names[::of]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m policies.acting")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--of", type=int, default=1)
    given = parser.parse_args()
    found, calls = search(sample(given.seed, given.of))
    print(f"{calls} calls")
    print(table(found), end="")
