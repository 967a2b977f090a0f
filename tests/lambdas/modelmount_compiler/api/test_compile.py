"""From a model in memory to a report and a program."""

import copy
import threading
from pathlib import Path
from typing import Any

import catboost
import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from modelmount_compiler import InputMismatch, ModelRejected, Report, compile, load  # noqa: A004
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.verify import gate
from tests.lambdas.modelmount_compiler.boosted import (
    BINARY,
    CAT,
    LGB,
    XGB,
    lgb_booster,
    xgb_booster,
)
from tests.lambdas.modelmount_compiler.boosted import X as HOLES

X, SPECIES = load_iris(return_X_y=True)
FRAME = pd.DataFrame(X, columns=["a", "b", "c", "d"])
SECONDS = 10


class Unknown(DummyClassifier):  # type: ignore[misc]  # untyped
    """A class that nobody wrote a converter for."""


def compiled(model: Any, examples: Any = None) -> Report:
    report = compile(model, examples, seconds=SECONDS)
    assert report.reason is None
    assert all(proof.flips == 0 for proof in report.methods)
    return report


def test_a_forest_is_compiled_saved_and_loaded(tmp_path: Path) -> None:
    forest = RandomForestClassifier(10, random_state=0).fit(X, SPECIES)
    report = compiled(forest, X[:20])
    assert [proof.method for proof in report.methods] == ["predict", "predict_proba"]
    for proof in report.methods:
        assert proof.probes > 1000
        assert proof.largest_difference <= proof.bound == 1e-9
        assert (proof.speedup(1) or 0) > 1
        assert proof.speedup(7) is None
    assert 0 < report.seconds < 3 * SECONDS
    assert report.seed == gate.SEED
    assert report.program is not None
    report.program.save(tmp_path / "forest.safetensors")
    program = load(tmp_path / "forest.safetensors")
    np.testing.assert_array_equal(program.predict_proba(X), forest.predict_proba(X))


def test_probes_follow_the_seed() -> None:
    model = LogisticRegression(max_iter=500).fit(X, SPECIES)
    reports = [compile(model, seconds=60, seed=seed) for seed in (1, 1)]
    first, second = ([(p.method, p.probes, p.refused) for p in r.methods] for r in reports)
    assert first == second
    assert [report.seed for report in reports] == [1, 1]


@pytest.mark.parametrize(
    "examples", [X, X.tolist(), FRAME[["d", "c", "b", "a"]], FRAME.to_dict("records")]
)
def test_examples_are_probes(examples: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    has_names = isinstance(examples, pd.DataFrame) or isinstance(examples[0], dict)
    model = LogisticRegression(max_iter=500).fit(FRAME if has_names else X, SPECIES)
    seen: list[Any] = []
    prepared = gate.compile_to

    def watched(target: Path, subject: gate.Subject, **options: Any) -> Any:
        seen.extend(subject.examples)
        return prepared(target, subject, **options)

    monkeypatch.setattr(gate, "compile_to", watched)
    compiled(model, examples)
    assert seen == X.tolist()


def boosted() -> list[Any]:
    return [
        xgboost.XGBClassifier(**XGB | {"n_jobs": 2}).fit(X, SPECIES),
        lightgbm.LGBMClassifier(**LGB | {"n_jobs": 2}).fit(X, SPECIES),
        catboost.CatBoostClassifier(**CAT | {"thread_count": 2}).fit(X, SPECIES),
        make_pipeline(StandardScaler(), RandomForestClassifier(3, n_jobs=2)).fit(X, SPECIES),
    ]


@pytest.mark.parametrize("model", boosted(), ids=lambda model: type(model).__name__)
def test_the_model_stays_as_it_is(model: Any) -> None:
    before, expected = (set(vars(model)), str(model.get_params())), model.predict_proba(X)
    program = compiled(model).program
    assert (set(vars(model)), str(model.get_params())) == before
    np.testing.assert_array_equal(model.predict_proba(X), expected)
    assert program is not None
    np.testing.assert_allclose(program.predict_proba(X), expected, rtol=1e-6)


def test_a_bare_booster_is_compiled_and_stays_as_it_is() -> None:
    xgb = xgb_booster("binary:logistic", BINARY)
    xgb.set_attr(best_iteration="2")
    lgb = lgb_booster("binary", BINARY)
    expected = {xgb: xgb.predict(xgboost.DMatrix(HOLES)), lgb: lgb.predict(HOLES)}
    for booster, positive in expected.items():
        program = compiled(booster).program
        assert program is not None
        np.testing.assert_allclose(program.predict_proba(HOLES)[:, 1], positive, rtol=1e-6)
    assert xgb.attr("best_iteration") == "2"


def test_the_best_iteration_is_kept() -> None:
    rng = np.random.default_rng(0)
    noise, labels = rng.normal(size=(300, 4)), rng.integers(0, 2, 300)
    model = lightgbm.LGBMClassifier(n_estimators=50, verbose=-1, n_jobs=1)
    stop = lightgbm.early_stopping(3, verbose=False)
    model.fit(noise[:200], labels[:200], eval_X=noise[200:], eval_y=labels[200:], callbacks=[stop])
    assert model.best_iteration_ < 50
    program = compiled(model).program
    assert program is not None
    np.testing.assert_allclose(program.predict_proba(noise), model.predict_proba(noise))


def test_methods_that_fail_are_not_offered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def shifted(model: Any, signature: Any) -> Any:
        other = copy.deepcopy(model)
        other.intercept_ = other.intercept_ + 2.0**-20  # which changes scores, and no label
        return compile_model(other, signature)

    monkeypatch.setattr(gate, "compile_model", shifted)
    model = LogisticRegression(max_iter=500).fit(X, SPECIES)
    report = compile(model, seconds=SECONDS)
    offered = {proof.method for proof in report.methods if proof.reason is None}
    assert "decision_function" not in offered
    assert report.program is not None
    assert set(report.program.methods) == offered
    report.program.save(tmp_path / "some")
    with pytest.raises(InputMismatch, match="has no decision_function"):
        load(tmp_path / "some").decision_function(X)


def test_what_has_no_converter_is_a_reason() -> None:
    report = compile(make_pipeline(StandardScaler(), Unknown()).fit(X, SPECIES))
    assert report.program is None
    assert "there is no compiled form of" in str(report.reason)
    assert "Unknown" in str(report.reason)


def test_what_a_converter_raises_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("coef_")

    monkeypatch.setattr(gate, "compile_model", broken)
    report = compile(LogisticRegression(max_iter=500).fit(X, SPECIES))
    assert report.reason == "compiling failed: KeyError: 'coef_'"
    assert isinstance(report.error, KeyError)
    assert report.program is None


def test_what_cannot_be_copied_is_a_reason() -> None:
    model = make_pipeline(FunctionTransformer(lambda x: x), LogisticRegression(max_iter=500))
    report = compile(model.fit(X, SPECIES))
    assert "the model can't be copied: " in str(report.reason)
    model = LogisticRegression(max_iter=500).fit(X, SPECIES)
    model.lock = threading.Lock()
    assert "the model can't be copied: TypeError" in str(compile(model).reason)


@pytest.mark.parametrize("model", [LogisticRegression(), 5, "model", None, {}])
def test_what_is_no_fitted_model_is_refused(model: Any) -> None:
    with pytest.raises(ModelRejected):
        compile(model)


def test_examples_that_do_not_fit_are_refused() -> None:
    model = LogisticRegression(max_iter=500).fit(X, SPECIES)
    with pytest.raises(InputMismatch, match="this model takes"):
        compile(model, X[:, :2])
