"""The classes of the libraries that a model may be made of, with the state that each may take.

A class's rule maps kinds of values to the names of the attributes that may hold these:
`d` data, `o` objects of such classes, `f` functions of the list, `c` classes.
The key `*` stands for any further attribute; `compiled` says that its state is no attributes.
"""

import importlib
import re
import types
from collections import defaultdict
from typing import Any

from policies.attributes import assigned, shadows
from policies.modules import modules
from policies.observed import Seen

Rule = dict[str, Any]
LEFT_OUT = re.compile(
    r".*(Display|Mixin|Exporter|Callback\w*|Reporter|Builder|Grower|Dispatcher|StackOp|Request"
    r"Method|RequestMethod|MetadataRouter)|ABC\w*|Sentinel|Parallel|DrawTree|ParameterSampler"
)
# Each estimator has these, set by functions outside of its class.
COMMON = {
    "d": ("_sklearn_version", "_sklearn_output_config", "feature_names_in_", "n_features_in_"),
    "o": ("_metadata_request",),
}
# Names that hold estimators, functions or both, wherever they occur.
HOLDERS = {
    "dfo": (
        "best_params_ columns cv_results_ error_score metric_ param_distributions param_grid "
        "scorer_ scorers_ scoring scoring_ transformers transformers_ _columns _scorer _scorers "
        "_transformers _curve_scorer objective eval_metric loss_function"
    ),
    "cdo": "cv",
    "do": "closs estimators estimators_ steps transformer_list callbacks",
    "df": "effective_metric_ _score_func",
    "d": "kw_args inv_kw_args metric_params metric_kwds kernel_params effective_metric_params_",
}
BY_HOLDER = {name: kinds for kinds, names in HOLDERS.items() for name in names.split()}
# What is an argument of functions and estimators, and never one itself.
COMPILED = re.compile(
    r"Cy\w+|Hinge|Huber|Log|Squared\w+|ModifiedHuber|EpsilonInsensitive|\w+Distance(64|32)?|"
    r"(KDTree|BallTree|BinaryTree)(64|32)?|Tree|_QuadTree|Hyperparameter|"
    r"\w*Loss|_ImputerTriplet"
)
METHODS = (
    "fit partial_fit predict predict_proba predict_log_proba decision_function score split "
    "transform inverse_transform fit_transform fit_predict"
)
PLAIN_BASES = ("abc", "builtins", "typing")
BOOSTING = {
    "xgboost": {
        "xgboost.sklearn": r"XGB\w+",
        "xgboost.core": "Booster",
        "xgboost.callback": "EarlyStopping",
    },
    "lightgbm": {"lightgbm.sklearn": r"LGBM\w+", "lightgbm.basic": "Booster"},
    "catboost": {"catboost.core": r"CatBoost\w*"},
}


def scikit_learn(seen: Seen) -> dict[str, Rule]:
    """Return the rules of scikit-learn's classes."""
    return dict(
        sorted(
            (f"{cls.__module__}.{name}", _rule(cls, seen))
            for module in modules("sklearn")
            for name, cls in vars(module).items()
            if _is_part(cls, name, module)
        )
    )


def boosting(library: str) -> dict[str, Rule]:
    """Return the rules of a boosting library's classes; none where it isn't installed."""
    found = {}
    for home, pattern in BOOSTING[library].items():
        try:
            module = importlib.import_module(home)
        except ImportError:
            return {}
        for name, cls in sorted(vars(module).items()):
            if isinstance(cls, type) and cls.__module__ == home and re.fullmatch(pattern, name):
                found[f"{home}.{name}"] = _boosted(cls, library)
    return found


def _boosted(cls: type, library: str) -> Rule:
    if library == "catboost":  # its state is the parameters as they were given, and the model
        return {"compiled": "d"}
    rule = _rule(cls, {})
    if cls.__name__.startswith("LGBM"):  # further parameters become attributes
        rule["*"] = sorted(name for name in dir(cls) if not name.startswith("__"))
    return rule


def _is_part(cls: Any, name: str, module: types.ModuleType) -> bool:
    # Compiled losses of versions 1.5 and 1.6 call their module `_loss`.
    homes = (module.__name__, module.__name__.rpartition(".")[2])
    if not isinstance(cls, type) or cls.__module__ not in homes or cls.__name__ != name:
        return False
    if issubclass(cls, BaseException) or LEFT_OUT.fullmatch(name):
        return False
    return bool(cls.__dictoffset__ or COMPILED.fullmatch(name))


def _rule(cls: type, seen: Seen) -> Rule:
    if issubclass(cls, tuple):
        return {"compiled": "do", "takes": "fields"}
    if any(not base.__dictoffset__ for base in cls.__mro__ if base.__module__ not in PLAIN_BASES):
        kinds = "cdfo" if "PyFunc" in cls.__name__ else "cdo"
        return {"compiled": kinds, "takes": "numbers"} if _is_loss(cls) else {"compiled": kinds}
    observed = seen.get(f"{cls.__module__}.{cls.__qualname__}", {})
    names = {n for n in assigned(cls) | set(observed) if not shadows(cls, n)}
    by_kinds: dict[str, list[str]] = defaultdict(list)
    if cls.__name__ == "MetadataRequest":  # it has an attribute for each method that takes more
        names |= set(METHODS.split())
    if hasattr(cls, "get_params"):
        for kind, common in COMMON.items():
            by_kinds["do" if kind == "o" else "d"] += [n for n in common if not shadows(cls, n)]
    named = {name for names_of in by_kinds.values() for name in names_of}
    for name in sorted(names - named):
        by_kinds[_kinds(cls, name, observed.get(name))].append(name)
    return {kinds: " ".join(sorted(of)) for kinds, of in sorted(by_kinds.items())}


def _is_loss(cls: type) -> bool:
    return cls.__module__.rpartition(".")[2] in ("_loss", "_sgd_fast")


def _kinds(cls: type, name: str, observed: set[str] | None) -> str:
    if name in BY_HOLDER:
        return BY_HOLDER[name]
    kinds = {"d"} | (observed or set())
    constraints = getattr(cls, "_parameter_constraints", {})
    if constraint := constraints.get(name, constraints.get(name.strip("_"))):
        allowed = [constraint] if isinstance(constraint, str) else constraint
        kinds |= {kind for each in allowed for kind in _kinds_of(each)}
    if name not in constraints and not observed:
        kinds.add("o")  # nobody saw more than None, and the class doesn't say what it is
    return "".join(sorted(kinds))


def _kinds_of(constraint: Any) -> str:
    if constraint is callable:
        return "f"
    if isinstance(constraint, type):
        return "" if constraint.__module__ in ("builtins", "numbers", "numpy") else "o"
    return "o" if type(constraint).__name__ in ("HasMethods", "_InstancesOf") else ""
