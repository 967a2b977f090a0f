"""Categorical columns of LightGBM's models, of which the models store neither names nor order."""

import pickle
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import FixedThresholdClassifier

from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.errors import InputMismatch, ModelRejected
from modelmount_compiler.frameworks import lightgbm as runtime
from modelmount_compiler.frameworks import sklearn as estimators
from modelmount_compiler.frameworks.lightgbm_categories import pairing
from modelmount_compiler.verify import predictors

ROWS = 300
OPTIONS: dict[str, Any] = {"n_estimators": 5, "verbose": -1, "n_jobs": 1}
OPTIONS |= {"min_data_per_group": 2, "cat_smooth": 1, "min_child_samples": 5}
LEVELS: tuple[list[Any], ...] = (
    *(list("abcd"), [0, 1, 2], [1, 2, 3], [10, 20, 30], ["0", "1", "2"]),
    *([0.5, 1.5], [False, True]),
)


def drawn(seed: int) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return a frame of several kinds of columns, and how LightGBM is told of them."""
    rng = np.random.default_rng(seed)
    columns = {f"x{i}": _column(rng) for i in range(rng.integers(1, 6))}
    frame = pd.DataFrame(columns)
    whole = [name for name in frame if frame[name].dtype.kind == "i"]
    if not whole or rng.random() < 0.5:
        return frame, {}
    unordered = [
        name
        for name in frame
        if isinstance(frame[name].dtype, pd.CategoricalDtype) and not frame[name].cat.ordered
    ]
    return frame, {"categorical_feature": [whole[0], *unordered]}


def _column(rng: np.random.Generator) -> Any:
    kind = rng.integers(7)
    if kind < 4:
        levels = LEVELS[rng.integers(len(LEVELS))]
        seen = len(levels) - int(rng.random() < 0.3)
        codes = np.where(rng.random(ROWS) < 0.05, -1, rng.integers(0, seen, ROWS)).tolist()
        return pd.Categorical.from_codes(codes, pd.Index(levels), ordered=bool(kind % 2))
    whole, shares = rng.integers(0, rng.integers(2, 6), ROWS), rng.random(ROWS).round(2)
    return (whole, shares, rng.normal(size=ROWS))[kind - 4]


def label(frame: pd.DataFrame) -> Any:
    parts = [
        frame[name].cat.codes if frame[name].dtype == "category" else frame[name].rank()
        for name in frame
    ]
    total = sum((i + 1) * part.to_numpy(float) % 3 for i, part in enumerate(parts))
    return total > np.median(total)


def outcome(model: Any, frame: pd.DataFrame, expected: Any) -> set[str]:
    """Return how rows of the frame are answered, one by one, by both forms of a model."""
    try:
        signature = estimators.describe(model)
        served = estimators.Model(model, signature)
    except ModelRejected as error:
        return {"refused"} if error.code == "UNSUPPORTED_CATEGORIES" else {"wrong"}
    compiled = predictors.from_program(compile_model(model, signature), signature)
    found = set()
    for i, row in enumerate(frame.astype(object).to_numpy().tolist()[:20]):
        instance = [[None if pd.isna(cell) else cell for cell in row]]
        for ask in (
            lambda one: served.infer(one, "predict_proba"),
            lambda one: compiled("predict_proba", one),
        ):
            try:
                answer = ask(instance)[0][1]
            except (InputMismatch, ValueError):
                found.add("refused")
                continue
            found.add("right" if abs(answer - expected[i]) < 1e-9 else "wrong")
    return found


def outcomes(frame: pd.DataFrame, told: dict[str, Any], folder: Path) -> list[set[str]]:
    model = lightgbm.LGBMClassifier(**OPTIONS).fit(frame, label(frame), **told)
    expected = np.asarray(model.predict_proba(frame))[:, 1]
    model.booster_.save_model(folder / "model.txt")
    loaded = runtime.load(folder / "model.txt", "lightgbm"), pickle.loads(pickle.dumps(model))
    return [outcome(each, frame, expected) for each in loaded]


@pytest.mark.parametrize("first", range(0, 24, 6))
def test_no_frame_is_answered_wrongly(tmp_path: Path, first: int) -> None:
    found = [each for seed in range(first, first + 6) for each in outcomes(*drawn(seed), tmp_path)]
    assert not any("wrong" in each for each in found)
    assert {"right"} in found


def frame_of(**columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(columns | {"v": rng.normal(size=ROWS)})


def draw(values: list[Any], *, ordered: bool = False) -> pd.Categorical:
    rng = np.random.default_rng(len(values))
    return pd.Categorical(rng.choice(values, ROWS), categories=values, ordered=ordered)


CODES = np.random.default_rng(1).integers(0, 6, ROWS)
CERTAIN: dict[str, tuple[pd.DataFrame, dict[str, Any]]] = {
    "ordered-beside-named": (
        frame_of(grade=draw([10, 20, 30], ordered=True), code=CODES),
        {"categorical_feature": ["code"]},
    ),
    "ordered-alone": (frame_of(grade=draw(["low", "mid", "high"], ordered=True)), {}),
    "ordered-before-unordered": (
        frame_of(grade=draw(["low", "high"], ordered=True), town=draw(["a", "b", "c"])),
        {},
    ),
    "ordered-after-unordered": (
        frame_of(town=draw(["a", "b", "c"]), grade=draw([1, 2, 3, 4], ordered=True)),
        {},
    ),
    "binary-beside-a-flag": (frame_of(flag=CODES % 2, sex=draw(["female", "male"])), {}),
    "identifiers-beside-a-small-number": (frame_of(month=CODES, shop=draw([*range(1, 40)])), {}),
}


@pytest.mark.parametrize("name", CERTAIN)
def test_these_are_served(tmp_path: Path, name: str) -> None:
    assert outcomes(*CERTAIN[name], tmp_path) == [{"right"}, {"right"}]


def test_what_could_be_read_in_two_ways_is_refused_with_what_to_do(tmp_path: Path) -> None:
    frame = frame_of(grade=draw([1, 2, 3], ordered=True), code=CODES % 3)
    model = lightgbm.LGBMClassifier(**OPTIONS)
    model.fit(frame, label(frame), categorical_feature=["code"])
    with pytest.raises(ModelRejected, match=r"'grade'.*'code'.*astype\(str\)") as refused:
        estimators.describe(model)
    assert refused.value.code == "UNSUPPORTED_CATEGORIES"
    as_texts = frame.assign(grade=draw(["x", "y", "z"]))
    assert outcomes(as_texts, {}, tmp_path) == [{"right"}, {"right"}]


def test_unknown_categories_are_missing_and_numbers_in_their_place_refused() -> None:
    frame = frame_of(flag=CODES % 2, sex=draw(["female", "male"]))
    model = lightgbm.LGBMClassifier(**OPTIONS).fit(frame, label(frame))
    assert pairing(model.booster_).no_numbers == (1,)
    served = estimators.Model(model, estimators.describe(model))
    unknown, missing = ([[0, value, 1.0]] for value in ("other", None))
    assert served.infer(unknown, "predict_proba") == served.infer(missing, "predict_proba")
    with pytest.raises(InputMismatch, match="this column takes strings"):
        served.infer([[0, 1, 1.0]], "predict")


def test_a_model_of_a_frame_without_categories_has_none() -> None:
    frame = frame_of(flag=CODES % 2)
    assert pairing(lightgbm.LGBMClassifier(**OPTIONS).fit(frame, CODES % 2).booster_).known == {}


def test_wrappers_refuse_the_same_numbers() -> None:
    """A number in the place of a category is refused behind another estimator as well."""
    frame = frame_of(flag=CODES % 2, sex=draw(["female", "male"]))
    wrapped = FixedThresholdClassifier(lightgbm.LGBMClassifier(**OPTIONS))
    wrapped.fit(frame, (frame["sex"] == "male") ^ (CODES % 2 == 1))
    assert runtime.refused(wrapped.estimator_) == "numbers"
    served = estimators.Model(wrapped, estimators.describe(wrapped))
    assert len(served.infer([[0, "other", 1.0]], "predict")) == 1
    with pytest.raises(InputMismatch, match=r"'7'|strings"):
        served.infer([[0, "7", 1.0]], "predict")
