"""Loads an upload of one file or of several; only the latter import what puts pieces together."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from modelmount_compiler.chain import RUNTIME, Chain, Statement
from modelmount_compiler.frameworks.runtime import import_runtime


def load(path: Path, fmt: str, runtime: str, chain: Chain | None) -> Any:
    """Load an upload that was described.

    Args:
        path: its main file.
        runtime: the module of `frameworks` that serves it.
    """
    if chain is None:
        return import_runtime(runtime).load(path, fmt)
    from modelmount_compiler.frameworks.chain import loading  # noqa: PLC0415 (one file does without)

    return loading.load(path.parents[chain.main.count("/")], chain)


def recognise(
    folder: Path, files: Sequence[tuple[str, str]], runtime: str, statement: Statement | None
) -> tuple[Any, Chain | None]:
    """Load an upload, and find out how its objects belong together; see `loading.recognise`."""
    main, fmt = files[0]
    if len(files) == 1 and statement is None:
        if runtime != RUNTIME:
            return import_runtime(runtime).load(folder / main, fmt), None
        from modelmount_compiler.frameworks.sklearn import loading as single  # noqa: PLC0415

        held = single.read(folder / main, fmt)
        if not isinstance(held, dict | list | tuple):
            return single.checked(held), None
    from modelmount_compiler.frameworks.chain import loading, objects  # noqa: PLC0415 (as above)

    if len(files) == 1 and statement is None and not objects.holds_estimators(held):
        return single.checked(held), None
    return loading.recognise(folder, files, statement)
