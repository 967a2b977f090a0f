"""Whatever a model was fitted with can be asked of it, inside whichever wrapper it lies."""

from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.multiclass import OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    LabelBinarizer,
    LabelEncoder,
    MultiLabelBinarizer,
    OneHotEncoder,
    StandardScaler,
)
from sklearn.svm import LinearSVC

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.instances import outputs
from modelmount_compiler.signature import Signature

pytestmark = pytest.mark.usefixtures("one_thread")

TEXTS, LABELS = ["good film", "bad film", "fine plot", "awful plot"] * 5, [1, 0, 1, 0] * 5
RECORDS: list[Any] = [{"town": "Oslo", "rooms": 1.0}, {"town": "Åbo", "rooms": 2.0}] * 5
RNG = np.random.default_rng(7)
FRAME = pd.DataFrame(
    {
        "sepal length": RNG.normal(size=60),
        "town": pd.Categorical(RNG.choice(list("abc"), 60)),
        "code": pd.Categorical(RNG.integers(3, 6, 60)),
        "unused": "u",
    }
)
TARGET = ((FRAME["town"] == "a") + (FRAME["code"] == 4) + (FRAME["sepal length"] > 0)).astype(int)
BOOSTED = FRAME[["sepal length", "town", "code"]]


def texts() -> Pipeline:
    return make_pipeline(TfidfVectorizer(), LogisticRegression())


def served(model: Any) -> tuple[runtime.Model, Signature]:
    signature = runtime.describe(model)
    return runtime.Model(model, signature), signature


@pytest.mark.parametrize(
    "make",
    [
        lambda: CalibratedClassifierCV(make_pipeline(CountVectorizer(), LinearSVC()), cv=2),
        lambda: CalibratedClassifierCV(FrozenEstimator(texts().fit(TEXTS, LABELS))),
        lambda: VotingClassifier([("a", texts()), ("b", texts())], voting="soft"),
        lambda: StackingClassifier([("a", texts())], cv=2),
        lambda: OneVsRestClassifier(texts()),
        lambda: OutputCodeClassifier(texts(), random_state=0),
        lambda: TunedThresholdClassifierCV(texts(), cv=2),
        lambda: FixedThresholdClassifier(texts(), threshold=0.4),
        lambda: GridSearchCV(CalibratedClassifierCV(texts(), cv=2), {"cv": [2]}, cv=2),
        lambda: Pipeline([("first", "passthrough"), ("texts", texts())]),
        lambda: make_pipeline(
            FeatureUnion([("none", "drop"), ("words", TfidfVectorizer())]), LinearSVC()
        ),
    ],
)
def test_texts_reach_what_reads_them(make: Callable[[], Any]) -> None:
    model = make().fit(TEXTS, LABELS)
    asked, signature = served(model)
    assert signature.input == "text"
    assert asked.infer(TEXTS[:3], "predict") == model.predict(TEXTS[:3]).tolist()


def test_texts_reach_several_outputs_and_regressors() -> None:
    several = MultiOutputClassifier(texts()).fit(TEXTS, np.array([LABELS, LABELS]).T)
    assert served(several)[0].infer(["good film"], "predict") == [[1, 1]]
    inner = make_pipeline(TfidfVectorizer(), Ridge())
    scaled = TransformedTargetRegressor(inner, transformer=StandardScaler())
    scaled.fit(TEXTS, np.array(LABELS, float))
    found = served(scaled)[0].infer(["good film"], "predict")
    assert found == scaled.predict(["good film"]).tolist()


@pytest.mark.parametrize(
    ("model", "fitted", "kind", "sent"),
    [
        (DictVectorizer(), RECORDS, "records", RECORDS[:2]),
        (FeatureHasher(8), RECORDS, "records", RECORDS[:2]),
        (
            FeatureHasher(8, input_type="pair"),
            [list(record.items()) for record in RECORDS],
            "pairs",
            RECORDS[:2],
        ),
        (FeatureHasher(8, input_type="string"), [["a", "b"]], "tokens", [["a"], ["b", "a"]]),
        (MultiLabelBinarizer(), [["a", "b"], ["c"]], "tokens", [["c", "a"], []]),
        (MultiLabelBinarizer(), [[1, 2], [3]], "tokens", [[3, 1], []]),
    ],
)
def test_vectorizers_take_objects_and_words(model: Any, fitted: Any, kind: str, sent: Any) -> None:
    model.fit(fitted)
    own = [list(record.items()) for record in sent] if kind == "pairs" else sent
    asked, signature = served(model)
    assert signature.input == kind
    assert asked.infer(sent, "transform") == outputs.rows(model.transform(own))


def test_objects_reach_a_vectorizer_inside_a_wrapper() -> None:
    inner = make_pipeline(DictVectorizer(), LogisticRegression())
    model = CalibratedClassifierCV(inner, cv=2).fit(RECORDS, [0, 1] * 5)
    found = served(model)[0].infer(RECORDS[:2], "predict_proba")
    assert found == model.predict_proba(RECORDS[:2]).tolist()


@pytest.mark.filterwarnings("ignore:A column-vector y was passed")
@pytest.mark.parametrize("model", [LabelEncoder(), LabelBinarizer()])
def test_encoders_of_labels_take_one_value(model: Any) -> None:
    model.fit(["a", "b", "c"])
    asked, signature = served(model)
    assert (signature.n_features, signature.dtype) == (1, "any")
    assert asked.infer([["c"], ["a"]], "transform") == model.transform(["c", "a"]).tolist()


@pytest.mark.parametrize("function", [np.log, np.log10, np.sqrt, np.arccosh])
def test_a_function_that_refuses_zero_takes_numbers(function: Any) -> None:
    x = RNG.lognormal(size=(20, 2)) + 1
    model = make_pipeline(FunctionTransformer(function), LinearRegression()).fit(x, x[:, 0])
    asked, signature = served(model)
    assert signature.dtype == "number"
    assert asked.infer(x[:2].tolist(), "predict") == model.predict(x[:2]).tolist()


def column_transformer(**options: Any) -> ColumnTransformer:
    scaled = ("scaled", StandardScaler(), ["sepal length"])
    return ColumnTransformer([scaled], remainder="passthrough", **options).set_output(
        transform="pandas"
    )


def boosters() -> dict[str, Any]:
    light = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1, min_child_samples=2)
    extreme = xgboost.XGBClassifier(n_estimators=3, enable_categorical=True)
    encoded = make_pipeline(
        ColumnTransformer([("o", OneHotEncoder(handle_unknown="ignore"), ["town", "code"])]),
        LogisticRegression(),
    )
    return {
        "LightGBM behind a column transformer": make_pipeline(column_transformer(), light),
        "XGBoost behind a column transformer": make_pipeline(column_transformer(), extreme),
        "LightGBM calibrated": CalibratedClassifierCV(light, cv=2),
        "XGBoost calibrated": CalibratedClassifierCV(extreme, cv=2),
        "both": VotingClassifier([("l", light), ("x", extreme)], voting="soft"),
        "with others": VotingClassifier([("l", light), ("e", encoded)], voting="soft"),
        "after passthrough": Pipeline([("p", "passthrough"), ("l", light)]),
    }


@pytest.mark.parametrize("name", boosters())
def test_categories_reach_boosters_in_wrappers(name: str) -> None:
    model = boosters()[name].fit(BOOSTED, TARGET)
    asked, _ = served(model)
    sent = [
        {"sepal length": a, "town": b, "code": c}
        for a, b, c in BOOSTED.head(9).itertuples(index=False)
    ]
    found = np.array(asked.infer(sent, "predict_proba"))
    own = model.predict_proba(BOOSTED.head(9))
    assert np.abs(found - own).max() < 1e-9
    alone = np.array([asked.infer([row], "predict_proba")[0] for row in sent])
    assert np.abs(alone - own).max() < 1e-9


def test_a_category_that_xgboost_does_not_know_is_refused_behind_other_steps() -> None:
    model = boosters()["XGBoost behind a column transformer"].fit(BOOSTED, TARGET)
    row = {"sepal length": 0.5, "town": "nowhere", "code": 4}
    with pytest.raises(InputMismatch, match="'nowhere' is no category of 'town'") as caught:
        served(model)[0].infer([row], "predict")
    assert caught.value.field == "$.instances[0].town"
    assert served(model)[0].infer([row | {"town": None}], "predict")


CHOICES: list[Any] = [
    ["sepal length"],
    [0],
    slice(0, 1),
    [True, False, False, False],
    make_column_selector(pattern="sepal"),
]


@pytest.mark.parametrize("chosen", CHOICES)
def test_columns_that_are_dropped_are_not_demanded(chosen: Any) -> None:
    model = make_pipeline(
        ColumnTransformer([("n", StandardScaler(), chosen), ("d", "drop", ["town"])]), Ridge()
    ).fit(FRAME, TARGET)
    asked, signature = served(model)
    assert signature.optional == ("town", "code", "unused")
    own = model.predict(FRAME.head(1)).tolist()
    length = float(FRAME["sepal length"][0])
    assert asked.infer([{"sepal length": length}], "predict") == own
    assert asked.infer([{"sepal length": length, "unused": "?"}], "predict") == own
    assert asked.infer([[length, "a", 3, "u"]], "predict") == own


def test_a_stack_that_hands_its_input_on_demands_every_column() -> None:
    some = make_pipeline(ColumnTransformer([("n", StandardScaler(), ["x"])]), LogisticRegression())
    frame = pd.DataFrame({"x": RNG.normal(size=20), "y": RNG.normal(size=20)})
    stack = StackingClassifier([("s", some)], passthrough=True, cv=2).fit(frame, frame["y"] > 0)
    assert served(stack)[1].optional == ()
    voting = VotingClassifier([("s", some)]).fit(frame, frame["y"] > 0)
    assert served(voting)[1].optional == ("y",)


def test_a_pipeline_that_begins_with_passthrough_has_its_columns() -> None:
    encoder = ColumnTransformer([("o", OneHotEncoder(), ["town"])])
    steps = [("p", "passthrough"), ("c", encoder), ("m", LogisticRegression())]
    model = Pipeline(steps).fit(FRAME[["town"]].astype(str), TARGET)
    asked, signature = served(model)
    assert (signature.input, signature.columns) == ("frame", ("town",))
    assert asked.infer([{"town": "a"}], "predict")


def test_a_blank_may_be_sent_where_lightgbm_wrote_an_underscore() -> None:
    model = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(BOOSTED, TARGET)
    asked, signature = served(model)
    assert signature.columns == ("sepal_length", "town", "code")
    row = {"town": "a", "code": 4}
    both = [{"sepal length": 0.1, **row}, {"sepal_length": 0.1, **row}]
    first, second = asked.infer(both, "predict_proba")
    assert first == second
