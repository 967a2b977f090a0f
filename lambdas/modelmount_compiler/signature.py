"""A model's signature: its input, its methods and its classes."""

from dataclasses import dataclass
from typing import Any, Literal

from modelmount_compiler.column_types import ColumnType
from modelmount_compiler.tensors import Tensors

Method = Literal["predict", "predict_proba", "decision_function", "transform"]
METHODS: tuple[Method, ...] = ("predict", "predict_proba", "decision_function", "transform")


@dataclass(frozen=True, slots=True)
class Signature:
    """The input that a model takes, and the methods that it offers.

    Attributes:
        input: `matrix` takes rows of values, `frame` rows or records by column name, `text`
            one string an instance, `tensors` nested lists of the shapes in `tensors`.
        dtype: of a matrix: `number` (float64) or `any` (as sent).
        n_features: values in a row; None when the model doesn't say.
        columns: names in the order of a row, where the model was fitted with names.
        allows_missing: whether null is taken for a number.
        methods: what can be asked for.
        classes: labels in the order of the columns of `predict_proba`; a list of such lists for
            a model with several outputs.
        column_types: what each column holds, where columns have types; None for a matrix of
            numbers, for texts, and in records from before this field.
        tensors: of a model that is a graph: its inputs and outputs as they are.
    """

    input: Literal["matrix", "frame", "text", "tensors"]
    dtype: Literal["number", "any"]
    n_features: int | None
    columns: tuple[str, ...] | None
    allows_missing: bool
    methods: tuple[Method, ...]
    classes: Any = None
    column_types: tuple[ColumnType, ...] | None = None
    tensors: Tensors | None = None
