"""Tells a value that a model can't take from a model that fails.

Libraries raise errors of any class over a value: CatBoost its own, text vectorizers
`AttributeError`, indexing `IndexError`. An error that isn't about values comes again for a plain
instance; one about values doesn't.
"""

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np

from modelmount_compiler.error_texts import without_traces
from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.instances import fault_search, probes
from modelmount_compiler.instances.batches import Batch, NamedTensors, Rows, Table
from modelmount_compiler.instances.checks import described
from modelmount_compiler.instances.json_values import to_json_values
from modelmount_compiler.signature import Signature

# Raised for values by every library; a model that was asked at its upload raises none by itself.
ABOUT_VALUES = (ValueError, TypeError, OverflowError)
# Never about values: what the process lacks.
ABOUT_THE_PROCESS = (MemoryError, OSError, ImportError)
Ask = Callable[[Batch], Any]


def explained(
    error: Exception,
    batch: Batch,
    signature: Signature,
    ask: Ask,
    *,
    seconds: float,
    is_proven: bool = False,
) -> Exception:
    """Return the refusal that an error means, with the place of the value; else the error itself.

    Args:
        ask: calls the method that raised the error.
        seconds: how long that took. A slow model isn't asked again and again.
        is_proven: whether the model was proven to answer, so that no probe needs to show it.
    """
    if isinstance(error, (InputMismatch, *ABOUT_THE_PROCESS)):
        return error
    if isinstance(batch, NamedTensors):
        return _of_all(error) if isinstance(error, ABOUT_VALUES) else error
    search = fault_search.Search(ask)
    plain, batch = probes.probes(signature), _searchable(batch, signature)
    row = None
    try:
        if not (is_proven or isinstance(error, ABOUT_VALUES) or _answers(search, plain)):
            return error
        if seconds < fault_search.MOST_SECONDS:
            row = search.row(batch)
    except fault_search.Exhausted:
        pass
    if row is None:
        return _of_all(error)
    return _at(row, error, batch, search, plain)


def _of_all(error: Exception) -> InputMismatch:
    return InputMismatch(f"The model refused the input: {_text(error)}", field="$.instances")


def _searchable(batch: Rows, signature: Signature) -> Rows:
    """Return an array as numbers or as lists, so that its rows mix with those of probes."""
    if not isinstance(batch, np.ndarray):
        return batch
    is_of_numbers = signature.input == "matrix" and signature.dtype == "number"
    if is_of_numbers and batch.dtype.kind in "buif":
        return batch.astype(np.float64)
    return to_json_values(batch)


def _answers(search: fault_search.Search, plain: list[Any]) -> bool:
    return any(not search.refuses([probe]) for probe in plain)


def _at(
    row: int, error: Exception, batch: Rows, search: fault_search.Search, plain: list[Any]
) -> InputMismatch:
    """Return the refusal of a row, and of the value in it, if that is found."""
    one = fault_search.part(batch, row, row + 1)
    try:
        search.ask(one)
    except Exception as alone:
        error = alone
    place = None
    with contextlib.suppress(fault_search.Exhausted):
        place = search.cell(one, list(fault_search.sound_rows(batch, row, plain)))
    where = f"instances[{row}]"
    if place is None:
        return InputMismatch(f"The model refused {where}: {_text(error)}", field=f"$.{where}")
    step, about = _step(place, one)
    where += step
    value = fault_search.value_at(one, place)
    kind = "null" if value != value else described(value)  # noqa: PLR0124 (NaN)
    return InputMismatch(
        f"{where}{about} is {kind}, and the model refused it: {_text(error)}", field=f"$.{where}"
    )


def _text(error: Exception) -> str:
    text = without_traces(str(error))
    return text if isinstance(error, ABOUT_VALUES) else f"{type(error).__name__}: {text}"


def _step(place: int | str, row: Rows) -> tuple[str, str]:
    """Return the last step of the path to a value, and the name of its column."""
    if isinstance(row, Table):
        return f"[{row.columns.index(str(place))}]", f" (column {place!r})"
    return (f"[{place}]", "") if isinstance(place, int) else (f".{place}", "")
