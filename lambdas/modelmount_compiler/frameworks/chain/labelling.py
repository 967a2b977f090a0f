"""Which object names the classes of a model, turns its target back, or is its threshold."""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.chain import objects, widths
from modelmount_compiler.frameworks.chain.decoding import codes_of
from modelmount_compiler.frameworks.chain.label_names import label_names
from modelmount_compiler.frameworks.chain.objects import Found
from modelmount_compiler.frameworks.chain.refusals import ambiguous

WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# Words that are of the target, and those that say what an object is.
OF_TARGET = frozenset(
    ("target", "targets", "y", "label", "labels", "class", "classes", "output", "outcome")
)
FILLERS = frozenset(
    ("le", "label", "labels", "encoder", "encoders", "enc", "encoded", "lb", "labelencoder", "for")
)
THRESHOLDS = ("threshold", "cutoff", "cut_off")
# An encoder of so many labels that fits the model's classes fits them for no other reason.
SURELY_LABELS = 3


def words(label: str) -> list[str]:
    """Return the words of a name, such as `le`, `gender` of `LE_Gender`."""
    return [word.lower() for word in WORDS.findall(label)]


def is_of_target(label: str) -> bool:
    """Whether a name says that the object is of the target: `y_scaler`, `target_encoder`."""
    told = set(words(label))
    return bool(told & (OF_TARGET - {"label", "labels"}))


def column_of(label: str, columns: Sequence[str]) -> str | None:
    """Return the column that an encoder's name has: `gender` of `le_gender`."""
    told = [word for word in words(label) if word not in FILLERS]
    keys = {"".join(words(label)), "".join(told)}
    found = [name for name in columns if "".join(words(name)) in keys or name == label]
    return found[0] if len(found) == 1 else None


def names_classes(found: Found, model: Any) -> bool:
    """Whether an object holds a name for each of the codes that a classifier predicts."""
    names = label_names(found.value)
    if names is None or not hasattr(model, "classes_"):
        return False
    try:
        codes = codes_of(model)
    except ValueError:
        return False
    return bool(len(names) == len(codes) == codes.max(initial=0) + 1)


def is_redundant(found: Found, model: Any) -> bool:
    """Whether a classifier already answers with the names that an object holds."""
    names = label_names(found.value)
    classes = getattr(model, "classes_", None)
    return names is not None and classes is not None and np.array_equal(names, classes)


def labels_among(
    encoders: Sequence[Found],
    lists: Sequence[Found],
    model: Any,
    found: Sequence[Found],
    *,
    is_sure: bool,
) -> Found | None:
    """Return what names the model's classes.

    Args:
        encoders: label encoders that are of no column.
        lists: lists and dictionaries of names.
        found: all objects of the upload.
        is_sure: whether the input holds no column that a label encoder could be of.

    Raises:
        ModelRejected: a label encoder could be of the classes, or of a column.
    """
    left = [each for each in encoders if not is_redundant(each, model)]
    fitting = [each for each in left if names_classes(each, model)]
    if len(left) > 1 or len(fitting) < len(left):
        raise _unclear(left, model, found)
    if fitting:
        chosen = fitting[0]
        told = is_of_target(chosen.label) or is_sure
        if not told and len(chosen.value.classes_) < SURELY_LABELS:
            raise _unclear(left, model, found)
        return chosen
    named = [
        each for each in lists if names_classes(each, model) and set(words(each.label)) & OF_TARGET
    ]
    return named[0] if len(named) == 1 else None


def _unclear(left: Sequence[Found], model: Any, found: Sequence[Found]) -> ModelRejected:
    names = ", ".join(each.name for each in left)
    columns = widths.names_of(model) or ["COLUMN"]
    fits = [each for each in left if names_classes(each, model)]
    if fits:
        why = f"{names} could name the model's classes, or the values of a column"
        return ambiguous(why, found, labels=fits[0].name)
    why = f"no name says of which column {names} is"
    return ambiguous(why, found, encoders={columns[0]: left[0].name})


def is_threshold(found: Found) -> bool:
    """Whether an object is a probability from which on the second class is predicted."""
    value = found.value.item() if isinstance(found.value, np.generic) else found.value
    is_number = isinstance(value, float) and 0.0 < value < 1.0
    is_called = any(word in found.label.lower() for word in THRESHOLDS)
    # In a tuple it has no name of its own.
    return is_number and (is_called or found.item.isdecimal())


def is_target_scaler(found: Found, model: Any) -> bool:
    """Whether a scaler was fitted on the target of a regressor, as its name says."""
    if not objects.is_step(found.value) or hasattr(model, "classes_"):
        return False
    has_way_back = hasattr(found.value, "inverse_transform")
    return has_way_back and widths.taken(found.value) == 1 and is_of_target(found.label)
