"""Converters of decoded labels, of a threshold, and of a step that makes its input dense."""

import numpy as np

from modelmount_compiler.convert import coercion, meta_estimators
from modelmount_compiler.convert.graph import Graph, Outputs, Value
from modelmount_compiler.convert.registry import convert, converts
from modelmount_compiler.frameworks.chain.decoding import Decoded, Dense, Thresholded
from modelmount_compiler.program.operations.outputs import labels
from modelmount_compiler.signature import Method


def _offered(estimator: object, graph: Graph, x: Value) -> dict[Method, Value]:
    """Return the outputs of the methods that a classifier hands on."""
    outputs = convert(estimator, graph, x)
    return {method: value for method, value in outputs.items() if method != "transform"}


@converts(Decoded)
def decoded(model: Decoded, graph: Graph, x: Value) -> Outputs:
    """Convert a classifier, and name the codes that it predicts."""
    outputs = _offered(model.estimator_, graph, x)
    if "predict" in outputs:
        named = graph.add(labels.Names(model.labels), outputs["predict"], kind="answer")
        outputs["predict"] = named
    return outputs


@converts(Thresholded)
def thresholded(model: Thresholded, graph: Graph, x: Value) -> Outputs:
    """Convert a classifier, and compare its second probability with the threshold."""
    outputs = _offered(model.estimator_, graph, x)
    score = meta_estimators.binary_score(outputs, "predict_proba", model.estimator_, graph)
    score = meta_estimators.in_double(graph, score)
    just_below = float(np.nextafter(model.threshold, -np.inf))
    above = labels.Above(model.classes_, just_below)
    return {**outputs, "predict": graph.add(above, score, kind="answer")}


@converts(Dense)
def dense(_: Dense, graph: Graph, x: Value) -> Outputs:
    """Convert a step that makes its input dense."""
    return {"transform": coercion.numbers(graph, x) if x.kind == "sparse" else x}
