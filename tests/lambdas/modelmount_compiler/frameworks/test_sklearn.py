import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from modelmount_compiler.errors import InputMismatch, ModelRejected
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.signature import Signature

RNG = np.random.default_rng(0)
NUMBERS = RNG.normal(size=(40, 3))
LABELS = np.where(NUMBERS[:, 0] > 0, "yes", "no")
FRAME = pd.DataFrame({"age": RNG.integers(1, 90, 40), "town": ["Åbo", "Oulu"] * 20})
TEXTS = ["good fine nice", "bad awful poor"] * 20

MIXED = make_pipeline(
    make_column_transformer((StandardScaler(), ["age"]), (OneHotEncoder(), ["town"])),
    LogisticRegression(),
)


def served(model: BaseEstimator) -> tuple[runtime.Model, Signature]:
    signature = runtime.describe(model)
    return runtime.Model(model, signature), signature


@pytest.mark.parametrize(
    ("model", "features"),
    [
        (LogisticRegression(), NUMBERS),
        (RandomForestClassifier(5, random_state=0), NUMBERS),
        (HistGradientBoostingClassifier(max_iter=3), NUMBERS),
        (make_pipeline(StandardScaler(), KNeighborsClassifier()), NUMBERS),
        (GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2), NUMBERS),
        (MIXED, FRAME),
        (make_pipeline(TfidfVectorizer(), LogisticRegression()), TEXTS),
        (make_pipeline(OneHotEncoder(), LogisticRegression()), FRAME[["town"]].to_numpy()),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseEstimator) else "",
)
@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_answers_equal_the_models_own(model: BaseEstimator, features: Any, method: Any) -> None:
    model.fit(features, LABELS)
    instances = features.to_dict("records") if isinstance(features, pd.DataFrame) else features
    instances = instances.tolist() if isinstance(instances, np.ndarray) else instances
    answer = served(model)[0].infer(instances, method)
    assert answer == getattr(model, method)(features).tolist()


def test_several_outputs() -> None:
    targets = np.column_stack([NUMBERS[:, 0] > 0, NUMBERS[:, 1] > 0]).astype(int)
    model = MultiOutputClassifier(LogisticRegression()).fit(NUMBERS, targets)
    wrapped, signature = served(model)
    assert wrapped.infer(NUMBERS[:4].tolist(), "predict") == model.predict(NUMBERS[:4]).tolist()
    probabilities = wrapped.infer(NUMBERS[:4].tolist(), "predict_proba")
    assert np.shape(probabilities) == (4, 2, 2)
    assert signature.classes == [[0, 1], [0, 1]]


def test_the_signature_of_a_frame_names_its_columns() -> None:
    signature = served(MIXED.fit(FRAME, LABELS))[1]
    assert (signature.input, signature.columns) == ("frame", ("age", "town"))
    assert signature.classes == ["no", "yes"]
    assert signature.methods == ("predict", "predict_proba", "decision_function")


@pytest.mark.parametrize(
    ("model", "allows_missing"),
    [
        (LogisticRegression(), False),
        (HistGradientBoostingClassifier(max_iter=2), True),
        (
            GridSearchCV(HistGradientBoostingClassifier(max_iter=2), {"l2_regularization": [0]}),
            True,
        ),
    ],
)
def test_whether_null_is_taken_is_found_out_by_trying(
    model: BaseEstimator, allows_missing: bool
) -> None:
    signature = served(model.fit(NUMBERS, LABELS))[1]
    assert (signature.dtype, signature.allows_missing) == ("number", allows_missing)


def test_a_model_fitted_on_strings_takes_strings() -> None:
    ignoring = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression())
    signature = served(ignoring.fit(FRAME[["town"]].to_numpy(), LABELS))[1]
    assert signature.dtype == "any"


def test_a_transformer_offers_transform() -> None:
    model = KMeans(2, random_state=0, n_init=1).fit(NUMBERS)
    wrapped, signature = served(model)
    assert signature.methods == ("predict", "transform")
    np.testing.assert_array_equal(
        wrapped.infer(NUMBERS[:3].tolist(), "transform"), model.transform(NUMBERS[:3])
    )


def test_a_method_that_is_not_there_is_told_with_those_that_are() -> None:
    wrapped, _ = served(LinearRegression().fit(NUMBERS, NUMBERS[:, 0]))
    with pytest.raises(InputMismatch, match="it offers predict"):
        wrapped.infer(NUMBERS[:1].tolist(), "predict_proba")


def test_what_the_model_itself_refuses_is_passed_on() -> None:
    wrapped, _ = served(MIXED.fit(FRAME, LABELS))
    with pytest.raises(InputMismatch, match="unknown categories"):
        wrapped.infer([{"age": 1, "town": "Atlantis"}], "predict")


def dump_joblib(model: Any, path: Path) -> None:
    joblib.dump(model, path)


def dump_pickle(model: Any, path: Path) -> None:
    path.write_bytes(pickle.dumps(model))


@pytest.mark.parametrize(
    ("fmt", "dump"), [("joblib", dump_joblib), ("pickle", dump_pickle), ("skops", skops.io.dump)]
)
@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(3, random_state=0),
        HistGradientBoostingClassifier(max_iter=2),
        KNeighborsClassifier(),
        GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=2),
    ],
    ids=lambda model: type(model).__name__,
)
def test_every_format_loads(
    tmp_path: Path, fmt: str, dump: Callable[[Any, Path], None], model: BaseEstimator
) -> None:
    model.fit(NUMBERS, LABELS)
    dump(model, tmp_path / "model")
    loaded = runtime.load(tmp_path / "model", fmt)
    np.testing.assert_array_equal(loaded.predict(NUMBERS), model.predict(NUMBERS))


def refusal(path: Path, fmt: str = "joblib") -> ModelRejected:
    with pytest.raises(ModelRejected) as refused:
        runtime.describe(runtime.load(path, fmt))
    return refused.value


def test_what_is_no_estimator_is_refused(tmp_path: Path) -> None:
    joblib.dump({"weights": [1, 2]}, tmp_path / "model")
    error = refusal(tmp_path / "model")
    assert error.code == "NOT_A_MODEL"
    assert "dict" in str(error)


def test_an_unfitted_estimator_is_refused(tmp_path: Path) -> None:
    joblib.dump(LogisticRegression(), tmp_path / "model")
    assert refusal(tmp_path / "model").code == "NOT_FITTED"


def test_an_estimator_of_another_version_is_refused_with_both(tmp_path: Path) -> None:
    model = LogisticRegression().fit(NUMBERS, LABELS)
    old = pickle.dumps(model, 0).replace(b"V1.9.1\n", b"V1.2.0\n")
    (tmp_path / "model").write_bytes(old)
    error = refusal(tmp_path / "model")
    assert error.code == "VERSION_SKEW"
    assert "1.2.0" in str(error)


def test_a_class_that_is_not_installed_is_named(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(b"cmy_company.models\nSecret\n.")
    error = refusal(tmp_path / "model")
    assert error.code == "MISSING_CODE"
    assert "my_company" in str(error)


def test_skops_refuses_types_it_does_not_know(tmp_path: Path) -> None:
    skops.io.dump(Path("/etc"), tmp_path / "model")
    error = refusal(tmp_path / "model", "skops")
    assert error.code == "UNTRUSTED_TYPE"
    assert "pathlib" in str(error)


def test_no_threads_are_started_for_a_few_rows() -> None:
    forest = RandomForestClassifier(5, n_jobs=-1, random_state=0)
    pipeline = make_pipeline(StandardScaler(), forest).fit(NUMBERS, LABELS)
    expected = pipeline.predict_proba(NUMBERS)
    model, _ = served(pipeline)
    assert np.allclose(model.infer(NUMBERS.tolist(), "predict_proba"), expected, rtol=1e-14)
    assert forest.n_jobs == 1


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
@pytest.mark.parametrize("huge", [1e39, -1e39])
@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(3, random_state=0),
        make_pipeline(FunctionTransformer(np.exp), LogisticRegression()),
    ],
    ids=["a tree's float32", "an exponential"],
)
def test_what_the_model_refuses_is_refused(model: BaseEstimator, huge: float) -> None:
    fitted, _ = served(model.fit(NUMBERS, LABELS))
    refused = abs(huge) if hasattr(model, "steps") else huge
    with pytest.raises(InputMismatch, match="infinity or a value too large"):
        fitted.infer([[refused, 0.0, 0.0]], "predict")


def test_a_model_can_write_to_its_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def scribbling(model: Any, features: Any) -> Any:
        model.coef_[0] = 0.0
        return np.zeros(len(features))

    joblib.dump(LinearRegression().fit(NUMBERS, NUMBERS[:, 0]), tmp_path / "model.joblib")
    monkeypatch.setattr(LinearRegression, "predict", scribbling)
    loaded = runtime.load(tmp_path / "model.joblib", "joblib")
    assert loaded.predict(NUMBERS[:1]).tolist() == [0.0]
