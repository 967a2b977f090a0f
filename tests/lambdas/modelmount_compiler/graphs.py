"""Small ONNX models, made by hand and by skl2onnx."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper
from sklearn.base import BaseEstimator

FLOAT, DOUBLE, INT64, STRING = (
    TensorProto.FLOAT,
    TensorProto.DOUBLE,
    TensorProto.INT64,
    TensorProto.STRING,
)


def value(name: str, kind: int, shape: Sequence[Any]) -> Any:
    """Describe an input or output."""
    return helper.make_tensor_value_info(name, kind, shape)


def graph(nodes: list[Any], takes: list[Any], gives: list[Any], *constants: Any) -> ModelProto:
    """Wire nodes into a model."""
    made = helper.make_graph(nodes, "test", takes, gives, list(constants))
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def identity(takes: Any, gives: Any) -> bytes:
    """Return a model that answers what it is given."""
    node = helper.make_node("Identity", [takes.name], [gives.name])
    data: bytes = graph([node], [takes], [gives]).SerializeToString()
    return data


def product(weights: Any, kind: int = DOUBLE, *, at: str | None = None) -> bytes:
    """Return a model that multiplies rows by weights, which may lie in a file of their own."""
    array = np.asarray(weights, dtype="f8" if kind == DOUBLE else "f4")
    constant = numpy_helper.from_array(array, "w")
    if at is not None:
        constant.ClearField("raw_data")
        constant.data_location = TensorProto.EXTERNAL
        for key, told in (("location", at), ("length", str(array.nbytes))):
            entry = constant.external_data.add()
            entry.key, entry.value = key, told
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    takes = value("x", kind, [None, array.shape[0]])
    gives = value("y", kind, [None, array.shape[1]])
    data: bytes = graph([node], [takes], [gives], constant).SerializeToString()
    return data


def converted(
    estimator: BaseEstimator,
    types: list[Any],
    *,
    options: dict[Any, Any] | None = None,
    **of_all: Any,
) -> bytes:
    """Return what skl2onnx makes of an estimator, with options of it, or of its parts by id."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from skl2onnx import to_onnx  # noqa: PLC0415 (its import warns)

        model = to_onnx(estimator, initial_types=types, options=options or of_all or None)
    data: bytes = model.SerializeToString()
    return data
