"""Models of XGBoost, LightGBM and CatBoost as they are served, from files and from pickles."""

import pickle
from pathlib import Path
from typing import Any

import catboost
import joblib
import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from modelmount_compiler.errors import InputMismatch, ModelRejected
from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.frameworks.runtime import import_runtime
from modelmount_compiler.signature import Signature
from serving.formats.model_formats import RUNTIMES, recognise
from tests.lambdas.modelmount_compiler.boosted import (
    BINARY,
    CAT,
    FRAME,
    FRAME_Y,
    LGB,
    NUMBERS,
    SEVERAL,
    XGB,
    X,
    Y,
    files,
    instances,
    lgb_booster,
    saved,
    xgb_booster,
)

FILES = files()
ROWS = instances(X[:20])


def served(folder: Path, name: str, data: bytes) -> tuple[Model, Signature]:
    path = folder / name
    path.write_bytes(data)
    fmt = recognise(path)
    runtime = import_runtime(RUNTIMES[fmt])
    loaded = runtime.load(path, fmt)
    signature = runtime.describe(loaded)
    return runtime.Model(loaded, signature), signature


def pickled(folder: Path, model: Any) -> tuple[Model, Signature]:
    return served(folder, "model.pkl", pickle.dumps(model))


@pytest.mark.parametrize("name", FILES)
def test_a_file_answers_as_the_estimator_that_saved_it(tmp_path: Path, name: str) -> None:
    data, original = FILES[name]
    model, signature = served(tmp_path, name, data)
    assert signature.input == "matrix"
    assert signature.n_features == 3
    assert signature.allows_missing
    assert signature.classes == [0, 1, 2]
    assert model.infer(ROWS, "predict") == original.predict(X[:20]).ravel().tolist()
    np.testing.assert_allclose(model.infer(ROWS, "predict_proba"), original.predict_proba(X[:20]))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("part", [0.5, 0.9])
def test_a_truncated_file_is_refused(tmp_path: Path, name: str, part: float) -> None:
    data, _ = FILES[name]
    with pytest.raises(ModelRejected) as refused:
        served(tmp_path, name, data[: int(len(data) * part)])
    assert refused.value.code == "CORRUPT_FILE"
    assert "can't read it" in str(refused.value)


@pytest.mark.parametrize("name", FILES)
def test_pickled_estimators_are_served_alike(tmp_path: Path, name: str) -> None:
    original = FILES[name][1]
    for saved_as in (original, make_pipeline(StandardScaler(), original).fit(X, SEVERAL)):
        model, signature = pickled(tmp_path, saved_as)
        assert signature.classes == [0, 1, 2]
        assert signature.n_features == 3
        assert model.infer(ROWS, "predict") == saved_as.predict(X[:20]).ravel().tolist()


@pytest.mark.parametrize("make", ["xgb", "lgb", "cat"])
@pytest.mark.parametrize("y", [Y, BINARY], ids=["number", "classes"])
def test_columns_are_taken_by_name(tmp_path: Path, make: str, y: Any) -> None:
    classifies = y is BINARY
    model, name = {
        "xgb": (xgboost.XGBClassifier if classifies else xgboost.XGBRegressor, "model.ubj"),
        "lgb": (lightgbm.LGBMClassifier if classifies else lightgbm.LGBMRegressor, "model.txt"),
        "cat": (catboost.CatBoostClassifier if classifies else catboost.CatBoostRegressor, "m.cbm"),
    }[make]
    fitted = model(**{"xgb": XGB, "lgb": LGB, "cat": CAT}[make]).fit(NUMBERS, y)
    asked, signature = served(tmp_path, name, saved(fitted, name))
    assert signature.input == "frame"
    assert signature.columns == ("age", "income")
    assert ("predict_proba" in signature.methods) == classifies
    found = asked.infer([{"income": 0.5, "age": None}, {"age": 1, "income": 2}], "predict")
    rows = pd.DataFrame([[np.nan, 0.5], [1, 2]], columns=["age", "income"])
    assert found == fitted.predict(rows).tolist()
    with pytest.raises(InputMismatch, match="takes numbers"):
        asked.infer([{"age": "old", "income": 1}], "predict")


def categorical() -> dict[str, tuple[Any, str]]:
    numbered = FRAME.assign(town=FRAME["town"].astype(str), grade=FRAME["grade"].astype(int))
    names = {"cat_features": ["town", "grade"]}
    return {
        "xgb": (xgboost.XGBRegressor(**XGB, enable_categorical=True).fit(FRAME, FRAME_Y), "m.ubj"),
        "lgb": (lightgbm.LGBMRegressor(**LGB).fit(FRAME, FRAME_Y), "m.txt"),
        "cat": (catboost.CatBoostRegressor(**CAT, **names).fit(numbered, FRAME_Y), "m.cbm"),
    }


@pytest.mark.parametrize("library", ["xgb", "lgb", "cat"])
def test_categories_are_sent_as_they_are(tmp_path: Path, library: str) -> None:
    original, name = categorical()[library]
    frame = FRAME[:20]
    if library == "cat":
        frame = frame.assign(town=frame["town"].astype(str), grade=frame["grade"].astype(int))
    asked, _ = served(tmp_path, name, saved(original, name))
    rows = instances(frame.to_numpy())
    expected = original.predict(frame).tolist()
    assert asked.infer(rows, "predict") == expected
    assert [asked.infer([row], "predict")[0] for row in rows] == expected


def test_xgboost_refuses_a_category_that_it_would_take_for_another(tmp_path: Path) -> None:
    original, name = categorical()["xgb"]
    asked, _ = served(tmp_path, name, saved(original, name))
    with pytest.raises(InputMismatch, match=r"'Vaasa'.*it knows 'Oulu', 'Pori', 'Turku'"):
        asked.infer([[1.0, "Vaasa", 3]], "predict")
    assert len(asked.infer([[1.0, None, None]], "predict")) == 1


def test_xgboost_has_lost_categories_with_letters_beyond_ascii(tmp_path: Path) -> None:
    frame = FRAME.assign(town=FRAME["town"].cat.rename_categories({"Oulu": "Åbo"}))
    model = xgboost.XGBRegressor(**XGB, enable_categorical=True).fit(frame, FRAME_Y)
    with pytest.raises(ModelRejected, match="ASCII") as refused:
        served(tmp_path, "model.ubj", saved(model, "m.ubj"))
    assert refused.value.code == "UNSUPPORTED_CATEGORIES"


@pytest.mark.parametrize(
    ("objective", "y", "params", "classes"),
    [
        ("binary:logistic", BINARY, {}, [0, 1]),
        ("binary:hinge", BINARY, {}, [0, 1]),
        ("multi:softprob", SEVERAL, {"num_class": 3}, [0, 1, 2]),
        ("multi:softprob", BINARY, {"num_class": 2}, [0, 1]),
        ("multi:softmax", SEVERAL, {"num_class": 3}, [0, 1, 2]),
        ("binary:logitraw", BINARY, {}, None),
        ("rank:pairwise", BINARY, {}, None),
        ("count:poisson", abs(Y), {}, None),
    ],
)
def test_the_objective_says_what_a_bare_xgboost_booster_answers(
    tmp_path: Path, objective: str, y: Any, params: dict[str, Any], classes: Any
) -> None:
    booster = xgb_booster(objective, y, **params)
    found = booster.predict(xgboost.DMatrix(X[:20], nthread=1))
    labels = found.argmax(axis=1) if found.ndim == 2 else found
    if objective == "binary:logistic":
        labels = (found > 0.5).astype(int)
    for data in (saved(booster, "m.ubj"), saved(booster, "m.json")):
        name = "m.ubj" if data[:2] == b"{L" else "m.json"
        model, signature = served(tmp_path, name, data)
        assert signature.classes == classes
        assert model.infer(ROWS, "predict") == labels.tolist()
    assert pickled(tmp_path, booster)[0].infer(ROWS, "predict") == labels.tolist()


def test_a_bare_xgboost_booster_answers_from_all_rounds_an_estimator_from_the_best(
    tmp_path: Path,
) -> None:
    model = xgboost.XGBRegressor(n_estimators=30, early_stopping_rounds=2, n_jobs=1)
    model.fit(X, Y, eval_set=[(X, Y[::-1])], verbose=False)
    booster = model.get_booster()
    asked, _ = served(tmp_path, "m.ubj", saved(model, "m.ubj"))
    assert asked.infer(ROWS, "predict") == model.predict(X[:20]).tolist()
    asked, _ = served(tmp_path, "m.ubj", saved(booster, "m.ubj"))
    assert asked.infer(ROWS, "predict") == booster.inplace_predict(X[:20]).tolist()
    assert booster.inplace_predict(X[:20]).tolist() != model.predict(X[:20]).tolist()


@pytest.mark.parametrize(
    ("objective", "y", "params", "classes"),
    [
        ("binary", BINARY, {}, [0, 1]),
        ("multiclass", SEVERAL, {"num_class": 3}, [0, 1, 2]),
        ("lambdarank", BINARY, {}, None),
        ("poisson", abs(Y), {}, None),
    ],
)
def test_the_objective_says_what_a_bare_lightgbm_booster_answers(
    tmp_path: Path, objective: str, y: Any, params: dict[str, Any], classes: Any
) -> None:
    booster = lgb_booster(objective, y, **params)
    found = np.asarray(booster.predict(X[:20]))
    labels = found.argmax(axis=1) if found.ndim == 2 else found
    if objective == "binary":
        labels = (found > 0.5).astype(int)
    for model, signature in (
        served(tmp_path, "m.txt", saved(booster, "m.txt")),
        pickled(tmp_path, booster),
    ):
        assert signature.classes == classes
        assert model.infer(ROWS, "predict") == labels.tolist()


def test_a_bare_catboost_is_what_its_loss_says(tmp_path: Path) -> None:
    for loss, y, classes in (("Logloss", BINARY, [0, 1]), ("Poisson", abs(Y), None)):
        bare = catboost.CatBoost({**CAT, "loss_function": loss}).fit(X, y)
        kind = "Class" if classes else "Exponent"
        expected = bare.predict(X[:20], prediction_type=kind).tolist()
        for model, signature in (
            served(tmp_path, "m.cbm", saved(bare, "m.cbm")),
            pickled(tmp_path, bare),
        ):
            assert signature.classes == classes
            assert model.infer(ROWS, "predict") == expected


def test_serving_uses_one_thread(tmp_path: Path) -> None:
    for name, parameter in (("model.ubj", "n_jobs"), ("model.txt", "n_jobs")):
        original = FILES[name][1]
        model = type(original)(**{**original.get_params(), parameter: 2}).fit(X, SEVERAL)
        import_runtime("sklearn").Model(model, pickled(tmp_path, original)[1])
        assert getattr(model, parameter) == 1
    booster = xgboost.XGBClassifier(n_estimators=2).fit(X, SEVERAL)
    import_runtime("sklearn").Model(booster, pickled(tmp_path, booster)[1])
    assert '"nthread":"1"' in booster.get_booster().save_config()


def test_a_pickle_of_an_older_xgboost_loads_as_that_library_promises(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    model = xgboost.XGBClassifier(**XGB).fit(X, BINARY)
    joblib.dump(model, path)
    ours = b"version[#L" + (3).to_bytes(8, "big")
    assert ours in path.read_bytes(), "XGBoost has changed how it stores its version"
    major = path.read_bytes().replace(ours + b"i\x03i\x02", ours + b"i\x02i\x01")
    path.write_bytes(major)
    loaded = import_runtime("sklearn").load(path, "joblib")
    assert loaded.predict_proba(X).tolist() == model.predict_proba(X).tolist()
