"""The registry: which function converts which class of estimator."""

import importlib
from collections.abc import Callable
from typing import Any, TypeVar

from modelmount_compiler.convert import inputs
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.program import Program
from modelmount_compiler.signature import Signature

Converter = Callable[[Any, Graph, Value], Outputs]
C = TypeVar("C", bound=Converter)

# Modules of this package that hold the converters of a framework's classes, by its package.
FAMILIES: dict[str, tuple[str, ...]] = {
    "sklearn": (
        "sklearn.linear.bayes",
        "sklearn.linear.discriminant",
        "sklearn.linear.gaussian",
        "sklearn.linear.kernels",
        "sklearn.linear.linear",
        "sklearn.linear.neural",
        "sklearn.linear.svm",
        "sklearn.meta.calibration",
        "sklearn.meta.dummies",
        "sklearn.meta.ensembles",
        "sklearn.meta.multiclass",
        "sklearn.meta.multioutput",
        "sklearn.meta.pipelines",
        "sklearn.meta.targets",
        "sklearn.meta.wrappers",
        "sklearn.neighbors.clusters",
        "sklearn.neighbors.mixtures",
        "sklearn.neighbors.neighbors",
        "sklearn.neighbors.propagation",
        "sklearn.preprocessing.columns",
        "sklearn.preprocessing.decomposition",
        "sklearn.preprocessing.donors",
        "sklearn.preprocessing.encoding",
        "sklearn.preprocessing.imputing",
        "sklearn.preprocessing.scaling",
        "sklearn.preprocessing.selection",
        "sklearn.preprocessing.text",
        "sklearn.preprocessing.transforms",
        "sklearn.trees.bagging",
        "sklearn.trees.boosting",
        "sklearn.trees.histogram",
        "sklearn.trees.trees",
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
    answers = {method: inputs.answer(graph, value) for method, value in outputs.items()}
    offered = {method: answers[method] for method in signature.methods if method in answers}
    if not offered:
        raise NotCompilable(f"no method of {type(estimator).__qualname__} has a compiled form")
    return graph.program(offered)
