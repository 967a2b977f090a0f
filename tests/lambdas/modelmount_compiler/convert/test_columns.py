"""Column transformers and unions, whole pipelines of them, against themselves."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.instances import inputs
from tests.lambdas.modelmount_compiler.convert.comparison import assert_same

RANDOM = np.random.default_rng(0)
ROWS = 200
FRAME = pd.DataFrame(
    {
        "age": RANDOM.integers(18, 80, ROWS).astype(float),
        "pay": RANDOM.lognormal(8, 1, ROWS),
        "count": RANDOM.integers(0, 5, ROWS),
        "city": RANDOM.choice(["Zürich", "Köln", "東京", ""], ROWS),
        "size": RANDOM.choice(["s", "m", "l"], ROWS),
        "ok": RANDOM.random(ROWS) < 0.5,
    }
)
LABELS = np.array(["a", "b", "ç"])[RANDOM.integers(0, 3, ROWS)]
KNOWN: list[list[Any]] = FRAME.astype(object).to_numpy().tolist()
NUMBERS, NAMES = ["age", "pay"], ["city", "size"]
ONE_HOT = OneHotEncoder(handle_unknown="ignore")
NUMERIC = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
CATEGORIC = make_pipeline(SimpleImputer(strategy="most_frequent"), ONE_HOT)
TRANSFORMERS = [
    ColumnTransformer([("n", NUMERIC, NUMBERS), ("c", CATEGORIC, NAMES)]),
    ColumnTransformer([("n", StandardScaler(), [0, 1]), ("c", ONE_HOT, slice(3, 5))]),
    ColumnTransformer([("n", StandardScaler(), make_column_selector(dtype_include=np.number))]),
    ColumnTransformer([("c", ONE_HOT, [False, False, True, True, False, False])]),
    ColumnTransformer([("c", ONE_HOT, NAMES)], remainder="passthrough", sparse_threshold=0),
    ColumnTransformer([("c", ONE_HOT, NAMES), ("d", "drop", ["ok"])], remainder=MinMaxScaler()),
    ColumnTransformer(
        [("c", ONE_HOT, NAMES), ("n", NUMERIC, NUMBERS), ("p", "passthrough", ["count", "ok"])],
        transformer_weights={"c": 0.5, "n": 3},
    ),
    ColumnTransformer(
        [
            ("in", ColumnTransformer([("n", StandardScaler(), ["pay"])]), NUMBERS),
            ("c", ONE_HOT, NAMES),
        ]
    ),
    ColumnTransformer([("c", OneHotEncoder(dtype=int), NAMES), ("p", "passthrough", ["ok"])]),
    FeatureUnion(
        [
            ("n", ColumnTransformer([("s", StandardScaler(), NUMBERS)])),
            ("c", ColumnTransformer([("o", ONE_HOT, NAMES)])),
            ("d", "drop"),
        ],
        transformer_weights={"c": 2.0},
    ),
]
CELLS = [None, True, 2, 2.5, "Köln", "new", "", "1.5", 2**53 + 1]


def batches(columns: Sequence[int] = (1, 3)) -> list[list[Any]]:
    found = [KNOWN[:100], [[None] * 6, KNOWN[0]]]
    for column in columns:
        for cell in CELLS:
            row = [*KNOWN[3][:column], cell, *KNOWN[3][column + 1 :]]
            found.append([row, KNOWN[5]])
    return found


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=lambda t: type(t).__name__)
def test_of_a_frame(transformer: Any) -> None:
    assert_same(transformer.fit(FRAME), *batches())


@pytest.mark.parametrize("column", range(6))
def test_a_cell_that_is_something_else(column: int) -> None:
    assert_same(TRANSFORMERS[6].fit(FRAME), *batches((column,)))


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=lambda t: type(t).__name__)
def test_before_a_classifier(transformer: Any) -> None:
    model = make_pipeline(transformer, StandardScaler(with_mean=False), LogisticRegression())
    assert_same(model.fit(FRAME, LABELS), *batches(()))


def test_of_objects() -> None:
    transformer = ColumnTransformer([("n", NUMERIC, [0, 1]), ("c", CATEGORIC, [3, 4])])
    model = make_pipeline(transformer, SimpleImputer(), LogisticRegression())
    assert_same(model.fit(FRAME.astype(object).to_numpy(), LABELS), *batches((3,)))


def test_of_a_matrix() -> None:
    x = FRAME[["age", "pay", "count"]].to_numpy()
    transformer = ColumnTransformer([("c", ONE_HOT, [2]), ("n", StandardScaler(), [0, 1])])
    model = make_pipeline(transformer, LogisticRegression()).fit(x, LABELS)
    assert_same(model, x[:50], np.array([[1, 2, 9.0]]), np.array([[1, np.nan, 1]]))


def test_frames_between_the_steps() -> None:
    first = ColumnTransformer(
        [("n", StandardScaler(), NUMBERS), ("c", CATEGORIC[0], NAMES)],
        remainder="passthrough",
        verbose_feature_names_out=False,
    ).set_output(transform="pandas")
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    second = ColumnTransformer(
        [("n", MinMaxScaler(), ["pay", "count"]), ("c", encoder, ["size", "city"])]
    )
    model = make_pipeline(first, second, LogisticRegression())
    assert_same(model.fit(FRAME, LABELS), *batches((1,)))


@pytest.mark.parametrize(
    ("estimator", "data"),
    [
        (StandardScaler(), FRAME[NUMBERS]),
        (ColumnTransformer([("n", StandardScaler(), NUMBERS)]), FRAME),
        (
            ColumnTransformer([("n", StandardScaler(), [0, 2])]),
            FRAME[[*NUMBERS, "count"]].to_numpy(),
        ),
        (ColumnTransformer([("n", StandardScaler(), slice(0, 2))]), FRAME[NUMBERS].to_numpy()),
        (TRANSFORMERS[1], FRAME.astype(object).to_numpy()),
        (TRANSFORMERS[4], FRAME),
    ],
    ids=["frame", "columns of a frame", "columns", "slice", "objects", "passed through"],
)
def test_a_matrix_has_the_order_of_the_original(estimator: Any, data: Any) -> None:
    """Products round by the order in memory: a margin's last bit is what a label can hang on."""
    signature = runtime.describe(estimator.fit(data))
    rows = data.astype(object).to_numpy().tolist() if data is FRAME else np.asarray(data).tolist()
    found = compile_model(estimator, signature).run(
        "transform", inputs.for_program(rows, signature)
    )
    expected = estimator.transform(inputs.for_estimator(rows, signature))
    assert found.flags.f_contiguous == expected.flags.f_contiguous


def test_a_part_without_a_compiled_form_is_named() -> None:
    class Own(StandardScaler):  # type: ignore[misc]  # scikit-learn has no types
        pass

    transformer = ColumnTransformer([("n", Own(), NUMBERS)]).fit(FRAME)
    with pytest.raises(NotCompilable, match="Own"):
        compile_model(transformer, runtime.describe(transformer))
