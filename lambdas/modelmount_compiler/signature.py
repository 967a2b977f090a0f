"""What a model takes and gives, and the methods that can be asked of it."""

from dataclasses import dataclass
from typing import Any, Literal

Method = Literal["predict", "predict_proba", "decision_function", "transform"]
METHODS: tuple[Method, ...] = ("predict", "predict_proba", "decision_function", "transform")


@dataclass(frozen=True, slots=True)
class Signature:
    """What a model takes and gives.

    Attributes:
        input: `matrix` takes rows of values, `frame` rows or records by column name, `text`
            one string an instance.
        dtype: of a matrix: `number` (float64) or `any` (as sent).
        n_features: values in a row; None when the model doesn't say.
        columns: names in the order of a row, where the model was fitted with names.
        allows_missing: whether null is taken for a number.
        methods: what can be asked for.
        classes: labels in the order of the columns of `predict_proba`; a list of such lists for
            a model with several outputs.
    """

    input: Literal["matrix", "frame", "text"]
    dtype: Literal["number", "any"]
    n_features: int | None
    columns: tuple[str, ...] | None
    allows_missing: bool
    methods: tuple[Method, ...]
    classes: Any = None
