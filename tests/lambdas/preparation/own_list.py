"""Attacks by names of the policy alone: each would call, hold or set what no honest model does."""

import pickle
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import StackingClassifier
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, mean_squared_error, pairwise_distances
from sklearn.metrics._scorer import _Scorer
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.multioutput import ClassifierChain
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils import Bunch
from sklearn.utils.validation import check_array

from tests.lambdas.preparation.malicious import named, pushed


class R:
    """Pickles as function(*arguments), then a state and items."""

    def __init__(
        self, function: Any, arguments: Any = (), state: Any = None, items: Any = None
    ) -> None:
        rest = (state, None, None if items is None else iter(items.items()))
        self.reduced = (function, tuple(arguments), *rest)

    def __reduce__(self) -> tuple[Any, ...]:
        return self.reduced


def instance(cls: Any, state: dict[str, Any]) -> Any:
    """Return an object with a state, which its class didn't check."""
    made = cls.__new__(cls)
    vars(made).update(state)
    return made


def fitted(**state: Any) -> Any:
    """Return an honest model with further attributes."""
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    vars(model).update(state)
    return model


def evaluating() -> R:
    """A scorer that calls a chosen method of a chosen object."""
    tags = R(partial, (Bunch,), (Bunch, (), {"estimator_type": "regressor"}, None))
    frame = R(pd.DataFrame, (), {"_typ": "dataframe", "__sklearn_tags__": tags})
    scorer = R(_Scorer, (mean_squared_error, 1, {}, "eval"))
    metric = R(partial, (scorer, frame, "1"), None)
    return R(pairwise_distances, (np.zeros((2, 2)), np.ones((1, 2)), metric))


def squeezing() -> R:
    return R(np.squeeze, (R(Bunch, (), None, {"squeeze": R(np.exp, (1.0,))}),))


SCALER, CONTENT = StandardScaler().fit([[0.0], [1.0]]), ["a b", "c d"]

CALLED: dict[str, Any] = {
    "p01": evaluating(),
    "p02": fitted(extra_=squeezing()),
    "metric": R(mean_squared_error, ([1.0], [2.0])),
    "metric-without-arguments": R(accuracy_score, ()),
    "distance": R(pairwise_distances, (np.zeros((2, 2)),)),
    "kernel": R(rbf_kernel, (np.zeros((2, 2)),)),
    "ufunc": R(np.exp, (1.0,)),
    "numpy-function": R(np.clip, (1.0, 0, 1)),
    "estimator-class": R(LogisticRegression, ()),
    "estimator-with-arguments": R(FunctionTransformer, (np.exp,)),
    "scorer": R(_Scorer, (mean_squared_error, 1, {}, "predict")),
    "partial-of-a-metric": R(partial, (mean_squared_error,)),
    "partial-of-a-class": R(partial, (Bunch,)),
    "checking": R(check_array, ([[1.0]],)),
    "frame": pd.DataFrame({"a": [1]}),
    "series": pd.Series([1]),
    "frame-with-a-state": R(pd.DataFrame, (), {"_typ": "dataframe", "predict": np.exp}),
    "index-of-another-class": R(pd.Index, ([1],)),
    "mapped-array": R(np.memmap, ("/nonexistent", "u1", "w+")),
    "float-of-text": R(float, ("1",)),
    "range-of-text": R(range, ("1", 2, 3)),
    "type-of-three": R(type, ("X", (), {})),
}
SET: dict[str, Any] = {
    **{
        f"shadowed-{name}": fitted(**{name: value})
        for name in (
            "predict",
            "get_params",
            "__class__",
            "__sklearn_tags__",
            "score",
            "_repr_html_",
        )
        for value in (np.exp,)
    },
    **{
        f"data-over-{name}": fitted(**{name: 1})
        for name in ("fit", "predict_proba", "__setstate__", "__dict__", "_parameter_constraints")
    },
    "unknown-attribute": fitted(extra_=1),
    "object-as-unknown": fitted(extra_=SCALER),
    "function-as-data": fitted(coef_=np.exp),
    "object-as-data": fitted(coef_=SCALER),
    "function-in-a-list": fitted(classes_=[np.exp]),
    "function-in-an-array": fitted(classes_=np.array([np.exp, 1], dtype=object)),
    "class-as-data": fitted(coef_=LogisticRegression),
    "function-in-a-bunch": fitted(coef_=Bunch(squeeze=np.exp)),
    "settings-of-a-function": Pipeline(
        [("f", FunctionTransformer(np.clip, kw_args={"out": SCALER})), ("m", fitted())]
    ),
    "functions-in-settings": FunctionTransformer(np.clip, kw_args={"where": np.exp}),
    **{
        f"response-{method}": instance(
            _Scorer, {"_score_func": accuracy_score, "_response_method": method}
        )
        for method in ("eval", "__class__", "save_model", "__reduce__", ["predict", "eval"])
        if isinstance(method, str)
    },
    "stacked-method": instance(StackingClassifier, {"stack_method_": ["predict", "set_params"]}),
    "chained-method": instance(ClassifierChain, {"chain_method_": "get_params"}),
    "threshold-method": instance(FixedThresholdClassifier, {"response_method": "__init__"}),
    **{
        f"{cls.__name__}-{source}": Pipeline([("t", cls(input=source)), ("m", fitted())])
        for cls in (CountVectorizer, TfidfVectorizer, HashingVectorizer)
        for source in ("filename", "file")
    },
    "memory": Pipeline([("m", fitted())], memory="/nonexistent"),
}

# States that only opcodes can write.
TRANSFORMER = named("sklearn.preprocessing._function_transformer", "FunctionTransformer") + b")\x81"
DTYPE = named("numpy", "dtype") + pushed(("V8", False, True)) + b"R"
ARRAY = named("numpy.core.multiarray", "_reconstruct")
RAW = {
    "state-of-no-attributes": b"\x80\x02" + TRANSFORMER + pushed([1, 2]) + b"b.",
    "slots": b"\x80\x02" + TRANSFORMER + pushed((None, {"transform": 1})) + b"b.",
    "attribute-that-is-no-text": b"\x80\x02" + TRANSFORMER + pushed({1: 2}) + b"b.",
    "state-twice": b"\x80\x02" + TRANSFORMER + b"}b}X\x04\x00\x00\x00funcNsb.",
    "items-of-an-estimator": b"\x80\x02" + TRANSFORMER + b"X\x01\x00\x00\x00aNs.",
    "appended-to-an-estimator": b"\x80\x02" + TRANSFORMER + b"Na.",
    "state-changed-later": (
        b"\x80\x02(l"[:2]
        + TRANSFORMER
        + b"}q\x01(X\x07\x00\x00\x00kw_args}q\x02ubh\x02X\x01\x00\x00\x00a"
        + named("numpy", "exp")
        + b"s0."
    ),
    "dtype-without-a-state": (
        b"\x80\x02"
        + ARRAY
        + b"("
        + named("numpy", "ndarray")
        + b"K\x00\x85C\x01btR(K\x01K\x01\x85"
        + DTYPE
        + b"\x89C\x0812345678tb."
    ),
    "array-of-another-class": (
        b"\x80\x02" + ARRAY + b"(" + named("numpy", "memmap") + b"K\x00\x85C\x01btR."
    ),
    "reconstructed-from-a-dict": (
        b"\x80\x02"
        + named("copyreg", "_reconstructor")
        + named("sklearn.pipeline", "Pipeline")
        + named("builtins", "dict")
        + b"}\x87R."
    ),
    "new-tree": b"\x80\x02" + named("sklearn.tree._tree", "Tree") + pushed((1, 2)) + b"\x81.",
    "cython-of-another-class": (
        b"\x80\x02"
        + named("pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked")
        + named("sklearn.pipeline", "Pipeline")
        + b"K\x01N\x87R."
    ),
    "default-of-a-function": (
        b"\x80\x02" + named("collections", "defaultdict") + named("numpy", "exp") + b"\x85R."
    ),
}

OWN_LIST: dict[str, bytes] = {
    **{
        f"{name}-{protocol}": pickle.dumps(value, protocol)
        for name, value in {**CALLED, **SET}.items()
        for protocol in (2, 4)
    },
    **RAW,
}
