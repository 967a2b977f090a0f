"""Makes one estimator of the objects of a chain."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline

from modelmount_compiler.chain import Chain, Link
from modelmount_compiler.frameworks.chain import widths
from modelmount_compiler.frameworks.chain.decoding import Decoded, Dense, Thresholded
from modelmount_compiler.frameworks.chain.label_names import label_names
from modelmount_compiler.frameworks.chain.table import Table, forget_names

Find = Callable[[Link], Any]


def assemble(chain: Chain, find: Find) -> BaseEstimator:
    """Return the estimator that answers as the objects do one after the other.

    Args:
        find: returns the object of a link.
    """
    links = list(chain.links)
    steps = [link for link in links if link.role in ("step", "columns", "toarray", "model")]
    made: list[Any] = []
    if chain.columns is not None:
        table = Table(chain.columns)
        encoders = [link for link in links if link.role == "encoder"]
        table.encode({name: find(link) for link in encoders for name in link.columns or ()})
        while steps and steps[0].columns is not None:
            _apply(table, find(steps[0]), steps.pop(0).columns or ())
        stated = steps.pop(0).value if steps and steps[0].role == "columns" else None
        _arrange(table, stated, find(steps[0]) if steps else None)
        made = table.steps
    if made:
        for link in steps:
            forget_names(find(link) if link.file else None)
    made += [Dense() if link.role == "toarray" else find(link) for link in steps]
    if links and any(link.role == "model" for link in links):
        made[-1] = _answering(made[-1], links, find)
    target = next((find(link) for link in links if link.role == "target"), None)
    if len(made) == 1 and target is None:
        return made[0]
    piped = Pipeline([(f"step{place}", step) for place, step in enumerate(made, start=1)])
    return piped if target is None else _scaled_back(piped, target)


def _apply(table: Table, step: Any, columns: Sequence[str]) -> None:
    table.apply(step, columns, widths.names_given(step, columns))


def _arrange(table: Table, wanted: Sequence[str] | None, following: Any) -> None:
    """Put the columns in the order that the next object was fitted on."""
    fitted = None if following is None else widths.names_of(following)
    table.arrange(wanted or fitted or table.original, as_array=fitted is None)


def _answering(model: Any, links: Sequence[Link], find: Find) -> Any:
    """Return the model with its threshold and the names of its classes."""
    for link in links:
        if link.role == "threshold":
            given = find(link) if link.file else link.value
            model = Thresholded(model, float(given))
    for link in links:
        if link.role == "labels":
            found = label_names(find(link) if link.file else link.value)
            model = Decoded(model, np.asarray(found))
    return model


def _scaled_back(model: BaseEstimator, scaler: Any) -> TransformedTargetRegressor:
    """Return a regressor whose predictions a scaler of the target turns back."""
    made = TransformedTargetRegressor(regressor=model, transformer=scaler, check_inverse=False)
    made.regressor_, made.transformer_, made._training_dim = model, scaler, 1
    return made
