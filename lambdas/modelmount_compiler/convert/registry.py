"""The registry: which function converts which class of estimator.

Converters register themselves by the decorator `converts`. Those of this package lie in a folder or
module that is named for the framework: `convert/sklearn/`, `convert/boosting/xgboost.py`. They are
imported when the first estimator of that framework is converted, for they import the framework.
"""

import functools
import importlib
import pkgutil
from collections.abc import Callable
from typing import Any, TypeVar

from modelmount_compiler import convert as converters
from modelmount_compiler.convert import inputs
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.program import Program
from modelmount_compiler.signature import Signature

Converter = Callable[[Any, Graph, Value], Outputs]
C = TypeVar("C", bound=Converter)

PREFIX = f"{converters.__name__}."
OWN_PACKAGE = PREFIX.partition(".")[0]
_converters: dict[type, Converter] = {}


def converts(*classes: type) -> Callable[[C], C]:
    """Register a converter of these very classes: a subclass can do anything, so isn't one.

    A converter from outside this package takes the place of one that is registered already.
    """

    def register(converter: C) -> C:
        is_own = converter.__module__.startswith(PREFIX)
        for cls in classes:
            if not (is_own and cls in _converters):
                _converters[cls] = converter
        return converter

    return register


def convert(estimator: object, graph: Graph, x: Value) -> Outputs:
    """Add to the graph what answers each method of a fitted estimator whose input is `x`.

    A converter leaves out a method that it can't convert.

    Raises:
        NotCompilable: it, or a part of it, has no converter, or is set up in a way that has none.
    """
    cls = type(estimator)
    _import_converters(_framework(cls))
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


def _framework(cls: type) -> str:
    """Return the package that a class is from; of our own subclasses, the one that they extend."""
    package, *rest = cls.__module__.split(".")
    return rest[-1] if package == OWN_PACKAGE and rest else package


@functools.cache
def _import_converters(framework: str) -> None:
    """Import the modules of this package that lie in a folder, or a file, of that name."""
    for found in pkgutil.walk_packages(converters.__path__, PREFIX):
        if framework in found.name.removeprefix(PREFIX).split("."):
            importlib.import_module(found.name)
