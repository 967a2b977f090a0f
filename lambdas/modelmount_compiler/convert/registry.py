"""The registry: which function converts which class of estimator."""

import importlib
from collections.abc import Callable
from typing import Any, TypeVar

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.program import Program
from modelmount_compiler.signature import Signature

Converter = Callable[[Any, Graph, Value], Outputs]
C = TypeVar("C", bound=Converter)

# Modules of this package that hold the converters of a framework's classes, by its package.
FAMILIES: dict[str, tuple[str, ...]] = {
    "sklearn": (
        "sklearn.linear.naive_bayes",
        "sklearn.linear.discriminant_analysis",
        "sklearn.linear.gaussian_process",
        "sklearn.linear.kernels",
        "sklearn.linear.linear_models",
        "sklearn.linear.neural_network",
        "sklearn.linear.svm",
        "sklearn.meta.calibration",
        "sklearn.meta.dummy",
        "sklearn.meta.ensembles",
        "sklearn.meta.multiclass",
        "sklearn.meta.multioutput",
        "sklearn.meta.pipelines",
        "sklearn.meta.target_transforms",
        "sklearn.meta.wrappers",
        "sklearn.neighbors.clustering",
        "sklearn.neighbors.gaussian_mixture",
        "sklearn.neighbors.nearest_neighbors",
        "sklearn.neighbors.label_propagation",
        "sklearn.preprocessing.column_transformer",
        "sklearn.preprocessing.decomposition",
        "sklearn.preprocessing.multivariate_imputation",
        "sklearn.preprocessing.encoding",
        "sklearn.preprocessing.imputation",
        "sklearn.preprocessing.scaling",
        "sklearn.preprocessing.feature_selection",
        "sklearn.preprocessing.text",
        "sklearn.preprocessing.nonlinear_transforms",
        "sklearn.preprocessing.polynomials",
        "sklearn.trees.bagging",
        "sklearn.trees.boosting",
        "sklearn.trees.histogram_boosting",
        "sklearn.trees.tree_ensembles",
    ),
    "catboost": ("boosting.catboost",),
    "lightgbm": ("boosting.lightgbm",),
    "onnxruntime": ("onnx",),
    "modelmount_compiler": ("boosting.xgboost",),  # an estimator of frameworks.xgboost
    "xgboost": ("boosting.xgboost",),
}
_converters: dict[type, Converter] = {}


def converts(*classes: type) -> Callable[[C], C]:
    """Register a converter of these very classes: a subclass can do anything, so isn't one."""

    def register(converter: C) -> C:
        _converters.update(dict.fromkeys(classes, converter))
        return converter

    return register


def convert(estimator: object, graph: Graph, x: Value) -> Outputs:
    """Add to the graph what answers each method of a fitted estimator whose input is `x`.

    A converter leaves out a method that it can't convert.

    Raises:
        NotCompilable: it, or a part of it, has no converter, or is set up in a way that has none.
    """
    cls = type(estimator)
    for family in FAMILIES.get(cls.__module__.partition(".")[0], ()):
        importlib.import_module(f"modelmount_compiler.convert.{family}")
    if cls not in _converters:
        raise NotCompilable(f"there is no compiled form of {cls.__module__}.{cls.__qualname__}")
    return _converters[cls](estimator, graph, x)


def compile_model(estimator: object, signature: Signature) -> Program:
    """Return a program for the methods of the signature that can be compiled.

    Raises:
        NotCompilable: none can.
    """
    graph = Graph(signature)
    outputs = convert(estimator, graph, graph.source)
    answers = {method: coercion.answer(graph, value) for method, value in outputs.items()}
    offered = {method: answers[method] for method in signature.methods if method in answers}
    if not offered:
        raise NotCompilable(f"no method of {type(estimator).__qualname__} has a compiled form")
    return graph.program(offered)
