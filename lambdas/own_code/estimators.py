"""The runtime of models whose pickles hold classes and functions of the uploader's own.

What such a pickle names isn't held against the policy of loading: its code runs in a process that
is confined, and for it alone.
"""

import dataclasses
from pathlib import Path
from typing import Any

import joblib

from modelmount_compiler.errors import InputMismatch, ModelRejected
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.frameworks.model import Model as BaseModel
from modelmount_compiler.frameworks.sklearn import loading
from modelmount_compiler.frameworks.sklearn.introspection import is_estimator
from modelmount_compiler.instances.batches import Batch
from modelmount_compiler.signature import METHODS, Method, Signature
from own_code import any_rows, code_folder, importing, python_model, rows

PACKAGES: tuple[str, ...] = runtime.PACKAGES


_places: list[Path] = []


def activate(root: Path, model: Path) -> None:
    """Make the code beside the model importable; this process is for it alone."""
    code = code_folder.find(root, model)
    _places[:] = code.places
    importing.activate(code)


def load(path: Path, fmt: str) -> Any:
    """Load whatever the file holds that can be asked.

    Raises:
        ModelRejected: it can't be loaded, or has no method to be asked by.
    """
    read = _read_skops if fmt == "skops" else joblib.load
    try:
        loaded = python_model.opened(loading.read(path, fmt, read), path)
    except MemoryError:
        raise
    except Exception as error:
        raise importing.explained(error, tuple(_places)) from error
    if not _methods(loaded):
        raise ModelRejected(
            "NOT_A_MODEL",
            f"The file holds a {type(loaded).__name__}, which has none of the methods "
            f"{', '.join(METHODS)}. Save an object that has one, or add code/inference.py.",
        )
    return loaded


def describe(loaded: Any) -> Signature:
    """Return the signature of an estimator, or rows of anything."""
    if is_estimator(loaded):
        return runtime.describe(loaded)
    return dataclasses.replace(any_rows.OPEN, methods=_methods(loaded))


def Model(loaded: Any, signature: Signature) -> BaseModel:  # noqa: N802 (as a class of a runtime)
    """Return the model that asks an estimator, or any object, as its signature says."""
    if is_estimator(loaded) and not any_rows.are_taken(signature):
        return runtime.Model(loaded, signature)
    return _AnyRows(loaded, signature)


class _AnyRows(BaseModel):
    """An object that gets rows as they are: as a data frame where they are objects by column."""

    def __init__(self, loaded: Any, signature: Signature) -> None:
        self._loaded = loaded
        self._signature = signature

    def answer(self, batch: Batch, method: Method) -> Any:
        """Call the object's method; raises `InputMismatch` where the rows are at fault."""
        if method not in self._signature.methods:
            raise InputMismatch(f"This model has no {method}.", field="$.parameters.method")
        try:
            return rows.listed(getattr(self._loaded, method)(rows.as_input(batch)))
        except (TypeError, ValueError, LookupError) as error:
            text = f"The model refuses these instances: {type(error).__name__}: {error}"
            raise InputMismatch(text, field="$.instances") from error


def _methods(loaded: Any) -> tuple[Method, ...]:
    return tuple(method for method in METHODS if callable(getattr(loaded, method, None)))


def _read_skops(path: Path) -> Any:
    import skops.io  # noqa: PLC0415 (pickles don't need it)

    return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
