"""The converter of regressors on a transformed target."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn import preprocessing
from sklearn.compose import TransformedTargetRegressor

from modelmount_compiler.convert import meta_estimators
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.program.operation import stored
from modelmount_compiler.program.operations.outputs import composition, target_transforms
from modelmount_compiler.program.program import Operation


@converts(TransformedTargetRegressor)
def transformed(model: TransformedTargetRegressor, graph: Graph, x: Value) -> Outputs:
    """Convert a regressor, and the inverse transform of its predictions."""
    predicted = meta_estimators.convert_method(model.regressor_, "predict", graph, x)
    transformer = model.transformer_
    if type(transformer) not in INVERSES:
        name = type(transformer).__qualname__
        raise NotCompilable(f"a target transformed by {name} has no compiled way back")
    value = graph.add(target_transforms.AsColumns(), predicted)
    for operation in INVERSES[type(transformer)](transformer):
        value = graph.add(_single(operation) if predicted.single else operation, value)
    if predicted.single:  # scalers keep the precision of what they are given
        value = graph.add(composition.Singles(), value)
    if model._training_dim == 1:
        value = graph.add(target_transforms.Squeeze(), value, kind="answer")
    return {"predict": value}


def _single(operation: Operation) -> Operation:
    """Return the operation with its arrays in single precision."""
    fields = stored(operation)
    arrays = {k: v.astype(np.float32) for k, v in fields.items() if isinstance(v, np.ndarray)}
    cls: Any = type(operation)
    made: Operation = cls(**(fields | arrays))
    return made


def _function(transformer: preprocessing.FunctionTransformer) -> list[Operation]:
    function = transformer.inverse_func
    check: list[Operation] = [target_transforms.Bounded()] if transformer.validate else []
    if function is None:
        return check
    name = getattr(function, "__name__", "")
    if (
        transformer.inv_kw_args
        or getattr(target_transforms.FUNCTIONS.get(name), "__name__", "") != name
    ):
        raise NotCompilable(f"a target turned back by the function {name or function!r}")
    if getattr(np, name) is not function:
        raise NotCompilable(f"a target turned back by a function {name!r} that isn't NumPy's")
    return [*check, target_transforms.Function(name)]


def _standard(scaler: preprocessing.StandardScaler) -> list[Operation]:
    scale: list[Operation] = [target_transforms.Multiply(scaler.scale_)] if scaler.with_std else []
    return [*scale, target_transforms.Add(scaler.mean_)] if scaler.with_mean else scale


def _robust(scaler: preprocessing.RobustScaler) -> list[Operation]:
    scale: list[Operation] = (
        [target_transforms.Multiply(scaler.scale_)] if scaler.with_scaling else []
    )
    return [*scale, target_transforms.Add(scaler.center_)] if scaler.with_centering else scale


def _range(scaler: preprocessing.MinMaxScaler) -> list[Operation]:
    return [target_transforms.Add(-scaler.min_), target_transforms.Ratio(scaler.scale_)]


def _largest(scaler: preprocessing.MaxAbsScaler) -> list[Operation]:
    return [target_transforms.Multiply(scaler.scale_)]


INVERSES: dict[type, Callable[[Any], list[Operation]]] = {
    preprocessing.FunctionTransformer: _function,
    preprocessing.MaxAbsScaler: _largest,
    preprocessing.MinMaxScaler: _range,
    preprocessing.RobustScaler: _robust,
    preprocessing.StandardScaler: _standard,
}
