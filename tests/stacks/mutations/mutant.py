"""Loads the stacks with a fault in their source."""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import aws_cdk as cdk

Edit = tuple[str, str]


@contextmanager
def mutated(module: str, edits: Sequence[Edit]) -> Iterator[Callable[[cdk.App], None]]:
    """Yields the app's `build` with `module` edited, and restores all modules afterwards.

    Args:
        edits: text that stands in the module once, and what stands there instead.
    """
    own = {name: sys.modules.pop(name) for name in list(sys.modules) if _is_stacks(name)}
    try:
        _load(module, edits)
        yield importlib.import_module("app").build
    finally:
        for name in list(sys.modules):
            if _is_stacks(name):
                del sys.modules[name]
        sys.modules.update(own)


def _load(name: str, edits: Sequence[Edit]) -> None:
    spec = importlib.util.find_spec(name)
    assert spec
    assert spec.origin
    source = Path(spec.origin).read_text("utf-8")
    for old, new in edits:
        assert source.count(old) == 1, f"{name}: {old!r} stands there {source.count(old)} times"
        source = source.replace(old, new)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    exec(compile(source, spec.origin, "exec"), module.__dict__)


def _is_stacks(name: str) -> bool:
    return name in ("app", "stacks") or name.startswith("stacks.")
