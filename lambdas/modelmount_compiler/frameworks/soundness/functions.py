"""The functions and classes that a model may hold, for whatever it holds it can call.

Functions of the uploader's own, where a deployment installs them, are the uploader's to answer for.
"""

import functools
import importlib.metadata
import operator
import re
import sys
from types import BuiltinFunctionType, FunctionType, MethodDescriptorType, MethodType
from typing import Any

import numpy as np

from modelmount_compiler.errors import ModelRejected

# What reads or writes, and what calls a function that is named by its arguments.
NUMPY_REFUSED = re.compile(
    r"DataSource|from(file|regex|pyfunc|function|iter)|genfromtxt|load(txt)?|memmap|save(txt|z\w*)?|"
    r"open_memmap|vectorize|apply_\w+|piecewise|set\w+|seterr\w*|show_\w+|info|test|require"
)
ALLOWED = tuple(
    (re.compile(module), re.compile(name))
    for module, name in (
        (r"builtins", r"abs|all|any|len|list|map|max|min|reversed|round|sorted|sum|zip|filter"),
        (r"scipy\.special(\.\w+)*", r"\w+"),
        (r"scipy\.linalg(\.\w+)*|scipy\.sparse(\.(?!_?linalg|csgraph)\w+)*", r"\w+"),
        (r"scipy\.interpolate\._\w+|scipy\._lib\.array_api_compat(\.\w+)*", r"\w+"),
        (r"scipy\.optimize\._\w+", r"\w+"),  # optimizers of a fit
        (
            r"sklearn\.utils\.(validation|extmath|_array_api|_param_validation)",
            r"(?!check_memory)\w+",
        ),
        (
            r"sklearn(\.(?!_build_utils|callback|conftest|datasets|experimental|externals|tests|"
            r"utils)\w+)*",
            r"(?!export_\w+|load\w*|fetch_\w+)\w+",
        ),
        (r"sklearn(\.\w+)*\._testing", r"(?!)"),
        (r"pandas(\.\w+)*", r"get_dummies|is(na|null)|not(na|null)|to_(numeric|datetime)"),
        (
            r"xgboost(\.(callback|sklearn|core))?",
            r"XGB\w+|Booster|EarlyStopping|LearningRateScheduler",
        ),
        (r"lightgbm(\.\w+)?", r"LGBM\w+|Booster|early_stopping|log_evaluation|record_evaluation"),
        (r"catboost(\.core)?", r"CatBoost\w*"),
    )
)
CLASSES = re.compile(
    r"builtins|datetime|decimal|fractions|collections|numpy(\.(?!lib|f2py|testing|ctypeslib)\w+)*|pandas(\.(?!io)\w+)*|"
    r"sklearn(\.(?!datasets|externals)\w+)*|scipy(\.(?!io)\w+)*|xgboost\.\w+|lightgbm\.\w+|catboost\.\w+"
)
METHODS = re.compile(  # of texts and arrays, by name
    r"astype|casefold|copy|endswith|isin|lower|lstrip|mean|ravel|replace|reshape|rstrip|split|"
    r"splitlines|squeeze|startswith|strip|sum|title|to_numpy|toarray|todense|transpose|upper"
)
ADVICE = (
    "Do that step before the request, or use a function that computes on arrays (numpy's, "
    "scipy.special's), and save the model again."
)
DISPATCHER = type(np.clip)  # of NumPy's functions in Python
CALLS = (
    DISPATCHER,
    FunctionType,
    BuiltinFunctionType,
    MethodDescriptorType,
    MethodType,
    np.ufunc,
    type,
)


def check(part: Any, where: str) -> None:
    """Refuse a function or class that a model has no need to call; raises `ModelRejected`."""
    if isinstance(part, operator.methodcaller):
        method = part.__reduce__()[1][0]
        allowed = bool(METHODS.fullmatch(str(method)))
        name = f"operator.methodcaller({method!r:.60})"
    elif isinstance(part, CALLS):
        name = f"{_module(part)}.{getattr(part, '__qualname__', getattr(part, '__name__', '?'))}"
        allowed = _is_allowed(part)
    elif isinstance(part, np.vectorize) or (hasattr(part, "read") and hasattr(part, "seek")):
        name, allowed = f"{type(part).__module__}.{type(part).__qualname__}", False
    else:
        return
    if not allowed:
        raise ModelRejected(
            "SIDE_EFFECTS",
            f"The part {where} of the model is {name:.200}, which can do more than compute. "
            f"{ADVICE}",
        )


def _is_allowed(part: Any) -> bool:
    module, name = _module(part), getattr(part, "__name__", "")
    if isinstance(part, type):
        known = bool(CLASSES.fullmatch(module)) and not NUMPY_REFUSED.fullmatch(name)
        return known or _is_own_code(module)
    if isinstance(part, MethodType):
        return _is_allowed(part.__func__)
    owner = getattr(part, "__self__", None)
    if isinstance(part, MethodDescriptorType) or not (owner is None or _is_module(owner)):
        return bool(METHODS.fullmatch(name))
    if isinstance(part, np.ufunc):
        return _is_numpy(part, name) or _is_special(part, name)
    if module.partition(".")[0] == "numpy":
        return not NUMPY_REFUSED.fullmatch(name) and _is_numpy(part, name)
    known = any(m.fullmatch(module) and n.fullmatch(name) for m, n in ALLOWED)
    return known or _is_own_code(module)


def _module(part: Any) -> str:
    return getattr(part, "__module__", None) or ("numpy" if isinstance(part, np.ufunc) else "")


def _is_module(value: object) -> bool:
    return type(value) is type(sys)


def _is_numpy(part: object, name: str) -> bool:
    """Whether it is what its name says: `numpy.frompyfunc` makes ufuncs of any function."""
    return any(getattr(place, name, None) is part for place in (np, np.linalg, np.fft))


def _is_special(part: object, name: str) -> bool:
    return getattr(sys.modules.get("scipy.special"), name, None) is part


def _is_own_code(module: str) -> bool:
    """Whether no installed package and nothing of Python's own has this module."""
    root = module.partition(".")[0]
    return bool(root) and root not in sys.stdlib_module_names and root not in _installed()


@functools.cache
def _installed() -> frozenset[str]:
    # Our own packages lie beside, and aren't distributions.
    ours = ("modelmount_compiler", "modelmount_kernel", "preparation", "serving", "container")
    return frozenset((*importlib.metadata.packages_distributions(), *ours))
