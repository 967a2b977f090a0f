"""Asks the objects of a chain one after the other, as the application that they are from does.

It shares nothing with `assembly`, whose estimator is held against it.
"""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from modelmount_compiler.chain import Chain, Link
from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.chain import widths
from modelmount_compiler.frameworks.chain.label_names import label_names
from modelmount_compiler.signature import Method

Find = Callable[[Link], Any]
# The numbers of several rows at once may be summed in another order.
BOUND = 1e-6
CODE = "CHAIN_MISMATCH"


def check(chain: Chain, find: Find, estimator: Any, batch: Any, method: Method) -> int:
    """Compare an assembled estimator with the objects, asked one after the other.

    Args:
        batch: what the estimator takes: an array, a data frame or a list.

    Returns:
        the number of rows that both answered; 0 where the objects refuse the batch.

    Raises:
        ModelRejected: the answers differ.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names
        try:
            expected = answer(chain, find, batch, method)
        except Exception:  # of any kind: these rows are refused
            return 0
        found = getattr(estimator, method)(batch)
    if not _are_same(expected, found):
        raise ModelRejected(
            CODE,
            f"Put together, the objects answer {method} otherwise than one after the other: "
            f"{np.asarray(found)[:3]!r:.200} and {np.asarray(expected)[:3]!r:.200}. Save them as "
            "one scikit-learn pipeline, and upload that.",
        )
    return len(batch)


def answer(chain: Chain, find: Find, batch: Any, method: Method) -> Any:
    """Return the answer to a batch."""
    held: Any = batch
    for place, link in enumerate(chain.links):
        if link.role == "encoder" and link.columns:
            (name,) = link.columns
            held = held.assign(**{name: find(link).transform(held[name])})
        elif link.role == "columns":
            held = held[list(link.value)]
        elif link.role == "toarray":
            held = held.toarray()
        elif link.role == "step":
            held = _stepped(link, find(link), held)
        elif link.role == "model":
            held = _predicted(find(link), held, method, chain.links[place:], find)
        elif link.role == "target":
            held = find(link).inverse_transform(np.asarray(held).reshape(-1, 1)).ravel()
        elif link.role == "labels" and method == "predict":
            held = _named(find(link) if link.file else link.value, held)
    return held


def _stepped(link: Link, step: Any, held: Any) -> Any:
    if link.columns is None:
        return step.transform(_given(step, held))
    given = step.transform(_given(step, held[list(link.columns)]))
    given = given.toarray() if hasattr(given, "toarray") else np.asarray(given)
    kept = held.drop(columns=list(link.columns))
    names = widths.names_given(step, link.columns)
    return kept.assign(**{name: given[:, i] for i, name in enumerate(names)})


def _given(step: Any, held: Any) -> Any:
    """Return a data frame as an object was fitted: in its order, or without names."""
    if not hasattr(held, "iloc"):
        return held
    names = widths.names_of(step)
    return held.to_numpy() if names is None else held[names]


def _predicted(model: Any, held: Any, method: Method, links: Sequence[Link], find: Find) -> Any:
    threshold = next((link for link in links if link.role == "threshold"), None)
    given = _given(model, held)
    if threshold is None or method != "predict":
        return getattr(model, method)(given)
    least = float(find(threshold) if threshold.file else threshold.value)
    return np.asarray(model.classes_)[(model.predict_proba(given)[:, 1] >= least).astype(int)]


def _named(labels: Any, codes: Any) -> Any:
    codes = np.asarray(codes).ravel().astype(int)
    if hasattr(labels, "inverse_transform"):
        return labels.inverse_transform(codes)
    return np.asarray(label_names(labels))[codes]


def _are_same(expected: Any, found: Any) -> bool:
    one, other = (
        np.asarray(each.toarray() if hasattr(each, "toarray") else each)
        for each in (expected, found)
    )
    if one.shape != other.shape:
        return False
    if one.dtype.kind == "f" and other.dtype.kind == "f":
        return bool(np.allclose(one, other, rtol=BOUND, atol=BOUND, equal_nan=True))
    return bool(np.array_equal(one, other))
