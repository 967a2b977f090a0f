"""Converters of calibrated classifiers, and of isotonic regression, which calibrates some."""

from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.isotonic import IsotonicRegression
from sklearn.preprocessing import LabelEncoder

from modelmount_compiler.convert import coercion, meta_estimators
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import convert, converts
from modelmount_compiler.frameworks.sklearn import releases
from modelmount_compiler.program.operations.linear import linear_models
from modelmount_compiler.program.operations.outputs import calibration, composition, labels
from modelmount_compiler.program.program import Operation


@converts(IsotonicRegression)
def isotonic(model: IsotonicRegression, graph: Graph, x: Value) -> Outputs:
    """Convert isotonic regression: linear interpolation between its points."""
    value = graph.add(_interpolation(model), coercion.matrix(graph, x), kind="answer")
    return {"predict": value, "transform": value}


def _interpolation(model: IsotonicRegression) -> Operation:
    points = model.X_thresholds_, np.asarray(model.y_thresholds_)
    if model.X_thresholds_.dtype == np.float32:
        return calibration.InterpolationSingle(*points, model.out_of_bounds)
    return calibration.Interpolation(*points, model.out_of_bounds)


@converts(CalibratedClassifierCV)
def calibrated(model: CalibratedClassifierCV, graph: Graph, x: Value) -> Outputs:
    """Convert a calibrated classifier: the mean of its calibrated members."""
    members = [_member(member, graph, x) for member in model.calibrated_classifiers_]
    mean = graph.add(composition.Mean(), *members, width=len(model.classes_))
    highest = graph.add(labels.Highest(model.classes_), mean, kind="answer")
    return {"predict": highest, "predict_proba": mean}


def _member(member: Any, graph: Graph, x: Value) -> Value:  # a private class
    estimator, count = releases.calibrated(member), len(member.classes)
    outputs = convert(estimator, graph, x)
    method = meta_estimators.first_method(estimator, ("decision_function", "predict_proba"))
    if len(estimator.classes_) == 2:
        scores = meta_estimators.binary_score(outputs, method, estimator, graph)
    else:
        scores = meta_estimators.output_of(outputs, method, estimator)
    is_single = outputs[method].single
    if member.method == "temperature":
        if count == 2 and method == "predict_proba":
            scores = graph.add(linear_models.Pair(), scores, width=2)
        sharpness = float(member.calibrators[0].beta_)
        shares = graph.add(calibration.Temperature(sharpness), scores, width=count)
        return graph.add(composition.Floats(), shares, width=count) if is_single else shares
    places = LabelEncoder().fit(member.classes).transform(estimator.classes_)
    if (count == 2) != (len(estimator.classes_) == 2):
        name = type(estimator).__qualname__
        raise NotCompilable(f"a calibrated {name} that knows too few classes")
    spread = calibration.Spread(np.asarray(places, dtype=np.int64), count)
    return graph.add(spread, _calibrate(member, scores, graph), width=count)


def _calibrate(member: Any, scores: Value, graph: Graph) -> Value:
    """Add the calibrated scores, shape (n,) or (n, scores)."""
    if member.method == "sigmoid":
        slopes = np.array([c.a_ for c in member.calibrators], dtype=np.float64)
        offsets = np.array([c.b_ for c in member.calibrators], dtype=np.float64)
        return graph.add(calibration.Sigmoids(slopes, offsets), scores, kind="answer")
    calibrators = [_interpolation(c) for c in member.calibrators]
    if len(calibrators) == 1:
        return graph.add(calibrators[0], scores, kind="answer")
    columns = [
        graph.add(operation, graph.add(composition.Pick(i), scores, kind="answer"), kind="answer")
        for i, operation in enumerate(calibrators)
    ]
    return graph.add(composition.Beside(), *columns)
