"""Small models in each format, which mutants are made of."""

import contextlib
import functools
import io
import os
import pickle
import subprocess
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import Any

import catboost
import joblib
import lightgbm
import numpy as np
import pandas as pd
import skops.io
import xgboost
from onnx import TensorProto, helper
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, SplineTransformer, StandardScaler
from sklearn.svm import SVC

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks.sklearn.description import describe
from modelmount_compiler.program import file
from tests.lambdas.modelmount_compiler.graphs import FLOAT, converted, graph, identity, value

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4))
Y = (X[:, 0] + X[:, 1] > 0).astype(int)
GROUPS = RNG.integers(0, 3, size=(60, 3))
FRAME = pd.DataFrame(X, columns=list("abcd")).assign(
    k=RNG.choice([f"k{i}" for i in range(12)], 60), l=RNG.choice([f"l{i}" for i in range(9)], 60)
)
TEXTS = ["good fine nice", "bad poor awful"] * 30
XGB: dict[str, Any] = {"n_estimators": 3, "max_depth": 3, "n_jobs": 1}
LGB: dict[str, Any] = {"n_estimators": 3, "num_leaves": 5, "n_jobs": 1, "verbose": -1}
CAT: dict[str, Any] = {
    "iterations": 5,
    "depth": 3,
    "verbose": 0,
    "thread_count": 1,
    "allow_writing_files": False,
}


def estimators() -> list[BaseEstimator]:
    """Return fitted estimators, one for each kind of native code at prediction."""
    linear = LogisticRegression()
    return [
        RandomForestClassifier(2, max_depth=3, random_state=0).fit(X, Y),
        HistGradientBoostingClassifier(max_iter=2, categorical_features=[0]).fit(
            np.column_stack((GROUPS[:, 0], X)), Y
        ),
        GradientBoostingClassifier(n_estimators=2, max_depth=2).fit(X, Y),
        KNeighborsClassifier(algorithm="kd_tree", leaf_size=5).fit(X, Y),
        KNeighborsClassifier(algorithm="ball_tree", leaf_size=5).fit(X, Y),
        KNeighborsClassifier(algorithm="brute").fit(X, Y),
        SVC().fit(X, GROUPS[:, 0]),
        SVC(kernel="linear").fit(sparse.csr_matrix(X), Y),
        IsolationForest(n_estimators=2, max_features=2, random_state=0).fit(X),
        make_pipeline(OneHotEncoder(handle_unknown="ignore"), linear).fit(GROUPS, Y),
        make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS, [1, 0] * 30),
        make_pipeline(SplineTransformer(3), LogisticRegression()).fit(X, Y),
    ]


FOREIGN = (
    b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    b"a,b,c\n1,2,3\n4,5,6\n",
    b"<!doctype html><html></html>",
    b"\x89HDF\r\n\x1a\n" + bytes(64),
    b"binf" + bytes(136) + b"\x0f" + bytes(7) + b"binary:logistic\x06" + bytes(7) + b"gbtree",
)


@functools.cache
def files(kind: str) -> tuple[bytes, ...]:
    """Return the files of a kind, an extension without its dot.

    A process of its own makes them: threads that trained a model don't outlive a fork, and the
    libraries would wait for them.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.fuzz.native.bases", kind, folder]
        paths = os.pathsep.join(path for path in sys.path if path)
        environment = os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
        subprocess.run(command, check=True, env=environment)
        return tuple(path.read_bytes() for path in sorted(Path(folder).iterdir()))


def _write(kind: str, folder: Path) -> None:
    warnings.simplefilter("ignore")
    for number, data in enumerate(MAKERS[kind]()):
        (folder / f"{number:02}").write_bytes(data)


def _xgboost(extension: str) -> list[bytes]:
    frame = FRAME[["a", "k"]].astype({"k": "category"})
    models = [
        xgboost.XGBClassifier(**XGB).fit(X, Y),
        xgboost.XGBRegressor(**XGB, booster="gblinear").fit(X, X[:, 0]),
        xgboost.XGBRegressor(**XGB, multi_strategy="multi_output_tree").fit(X, X[:, :2]),
        xgboost.XGBClassifier(**XGB, enable_categorical=True, max_cat_to_onehot=1).fit(frame, Y),
    ]
    return [_saved(model.save_model, f"m.{extension}") for model in models]


def _lightgbm() -> list[bytes]:
    frame = FRAME[["a", "k"]].astype({"k": "category"})
    few: dict[str, Any] = {"min_child_samples": 2, "min_data_per_group": 2, "cat_smooth": 1}
    models = [
        lightgbm.LGBMClassifier(**LGB, **few).fit(X, Y),
        lightgbm.LGBMClassifier(**LGB, **few).fit(X, GROUPS[:, 0]),
        lightgbm.LGBMRegressor(**LGB, linear_tree=True, **few).fit(X, X[:, 0]),
        lightgbm.LGBMClassifier(**LGB, **few).fit(frame, Y),
    ]
    return [_saved(model.booster_.save_model, "m.txt") for model in models]


def _catboost() -> list[bytes]:
    models = [
        catboost.CatBoostClassifier(**CAT).fit(X, Y),
        catboost.CatBoostClassifier(**CAT, grow_policy="Lossguide").fit(X, Y),
        catboost.CatBoostClassifier(**CAT, loss_function="MultiClass").fit(X, GROUPS[:, 0]),
        catboost.CatBoostClassifier(**CAT, cat_features=["k", "l"]).fit(FRAME, Y),
    ]
    return [_saved(model.save_model, "m.cbm") for model in models]


def _onnx() -> list[bytes]:
    from skl2onnx.common.data_types import FloatTensorType  # noqa: PLC0415 (its import warns)

    models = [
        make_pipeline(StandardScaler(), RandomForestClassifier(2, max_depth=3)).fit(X, Y),
        SVC().fit(X, Y),
        LogisticRegression().fit(X, GROUPS[:, 0]),
        KNeighborsClassifier().fit(X, Y),
    ]
    made = [converted(model, [("x", FloatTensorType([None, 4]))], zipmap=False) for model in models]
    return [*made, *_graphs()]


def _graphs() -> list[bytes]:
    """Return graphs of tensors: a state, a half of the precision, an axis that isn't counted."""
    halves = [value(name, TensorProto.BFLOAT16, [1, 2, 2]) for name in "xy"]
    turn = helper.make_node("Transpose", ["x"], ["y"], perm=[1, 0])
    turned = graph([turn], [value("x", FLOAT, ["n", 2])], [value("y", FLOAT, [2, "n"])])
    add = helper.make_node("Add", ["x", "state"], ["y"])
    takes = [value("x", FLOAT, ["n", 4]), value("state", FLOAT, ["n", 4])]
    nodes = [add, helper.make_node("Neg", ["state"], ["next"])]
    gives = [value("y", FLOAT, ["n", 4]), value("next", FLOAT, ["n", 4])]
    state = graph(nodes, takes, gives)
    return [identity(*halves), turned.SerializeToString(), state.SerializeToString()]


def _joblib() -> list[bytes]:
    found = []
    for model in [*estimators(), xgboost.XGBClassifier(**XGB).fit(X, Y)]:
        buffer = io.BytesIO()
        joblib.dump(model, buffer)
        found.append(buffer.getvalue())
    return found


def _programs() -> list[bytes]:
    """Compile each kind of estimator that has a converter, whatever a gate would say of it."""
    found = []
    for model in [*estimators(), xgboost.XGBClassifier(**XGB).fit(X, Y)]:
        signature = describe(model)
        with contextlib.suppress(NotCompilable):
            program = compile_model(model, signature)
            found.append(_saved(lambda path: file.write(path, program, signature), "m"))  # noqa: B023 (called at once)
    return found


def _recognised() -> list[bytes]:
    """Return a file of each format, and ones that are told as what else they are."""
    linear = LogisticRegression().fit(X, Y)
    found = [pickle.dumps(linear, protocol) for protocol in range(6)]
    for compress in (0, 3, ("gzip", 3), ("bz2", 3), ("xz", 1), ("lzma", 1)):
        buffer = io.BytesIO()
        joblib.dump(linear, buffer, compress=compress)
        found.append(buffer.getvalue())
    found += [skops.io.dumps(linear), *_xgboost("ubj")[:1], *_xgboost("json")[:1]]
    found += [*_lightgbm()[:1], *_catboost()[:1], *_graphs()]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("archive/data.pkl", b"\x80\x02N.")
    return [*found, archive.getvalue(), *FOREIGN]


def _saved(save: Any, name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        save(path)
        return path.read_bytes()


MAKERS: dict[str, Any] = {
    "ubj": functools.partial(_xgboost, "ubj"),
    "json": functools.partial(_xgboost, "json"),
    "txt": _lightgbm,
    "cbm": _catboost,
    "onnx": _onnx,
    "skops": lambda: [skops.io.dumps(model) for model in estimators()],
    "joblib": _joblib,
    "program": _programs,
    "recognised": _recognised,
}

if __name__ == "__main__":
    _write(sys.argv[1], Path(sys.argv[2]))
