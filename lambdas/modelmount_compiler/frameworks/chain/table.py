"""Steps on some of the columns, as `frame[names] = step.transform(frame[names])` does.

They are made of scikit-learn's own column transformers, which all that looks into estimators knows.
A column transformer is fitted on stand-ins of the same widths, which then give way to the steps.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import LabelEncoder, OrdinalEncoder

from modelmount_compiler.frameworks.chain import widths
from modelmount_compiler.frameworks.sklearn.introspection import nested_estimators


class _StandIn(TransformerMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """Gives as many columns as the step that it stands in for."""

    def __init__(self, width: int) -> None:
        self.width = width

    def fit(self, X: Any, y: Any = None) -> "_StandIn":  # noqa: ARG002, N803 (its interface)
        """Learn nothing."""
        return self

    def transform(self, X: Any) -> Any:  # noqa: N803 (likewise)
        """Return zeros."""
        return np.zeros((len(X), self.width))


class Table:
    """The columns of the input by name, on their way through steps.

    Attributes:
        original: the columns of the input.
        names: the columns after all steps so far.
        steps: the steps, each of all columns.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.original = tuple(names)
        self.names = list(names)
        self.steps: list[Any] = []

    def encode(self, encoders: dict[str, LabelEncoder]) -> None:
        """Put the codes of label encoders in the places of their columns."""
        for name, encoder in encoders.items():
            known = pd.DataFrame({name: np.asarray(encoder.classes_)})
            same = OrdinalEncoder(categories=[np.asarray(encoder.classes_)])
            self.apply(same.fit(known), [name], [name])

    def apply(self, step: Any, taken: Sequence[str], given: Sequence[str]) -> None:
        """Apply a fitted step to some columns; what it gives comes first, then the others."""
        if not self.steps and widths.names_of(step) is None:
            self.arrange(self.names, as_array=True)
        kept = [name for name in self.names if name not in taken]
        parts: list[tuple[str, Any, list[str]]] = [("applied", step, list(taken))]
        if kept:
            parts.append(("kept", "passthrough", kept))
        self._add(parts, {"applied": len(given)})
        self.names = [*given, *kept]

    def arrange(self, wanted: Sequence[str], *, as_array: bool = False) -> None:
        """Put the columns in an order, and leave out the others.

        Args:
            as_array: whether what comes next was fitted on an array, so that names end here.
        """
        if list(wanted) != self.names or (as_array and not self.steps):
            self._add([("arranged", "passthrough", list(wanted))], {})
            self.names = list(wanted)

    def _add(self, parts: list[tuple[str, Any, list[str]]], widths: dict[str, int]) -> None:
        is_first = not self.steps
        for _, step, _ in [] if is_first else parts:
            forget_names(step)
        sample: Any = pd.DataFrame(np.zeros((2, len(self.names))), columns=self.names)
        chosen: list[tuple[str, Any, Any]] = [
            (label, step, names if is_first else [self.names.index(name) for name in names])
            for label, step, names in parts
        ]
        stand_ins = [
            (label, _StandIn(widths[label]) if label in widths else step, places)
            for label, step, places in chosen
        ]
        made = ColumnTransformer(stand_ins, remainder="drop")
        made.fit(sample if is_first else sample.to_numpy())
        steps = {label: step for label, step, _ in chosen}
        made.transformers = chosen
        made.transformers_ = [
            (label, steps[label] if label in widths else fitted, places)
            for label, fitted, places in made.transformers_
        ]
        self.steps.append(made)


def forget_names(step: Any) -> None:
    """Let an object take arrays without a warning: its columns were put in its order."""
    for nested in nested_estimators(step):
        vars(nested).pop("feature_names_in_", None)
