"""Do probes get to where mistakes are? Told by what they contain, for models of every kind."""

from collections.abc import Iterator
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    BaggingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier, RadiusNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.verify.probes import decision_boundaries
from modelmount_compiler.verify.probes.column_samplers import adjacent_floats
from modelmount_compiler.verify.probes.critical_values import CriticalValues
from modelmount_compiler.verify.probes.generators import RowProbes, TextProbes
from modelmount_compiler.verify.probes.interleaving import Batch
from modelmount_compiler.verify.probes.row_sampler import RowSampler
from tests.lambdas.modelmount_compiler.boosted import FRAME, FRAME_Y, KNOWN, LGB, XGB

X, SPECIES = load_iris(return_X_y=True)
CELLS, BENIGN = load_breast_cancer(return_X_y=True)
PEOPLE = pd.DataFrame(
    {
        "age": [20.0, None, 40.0, 60.0] * 5,
        "place": ["Bern", "Zürich", "Genf", "Bern"] * 5,
        "note": ["a good one", "bad", "quite good", "so bad"] * 5,
    }
)


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def sampler(estimator: Any, accepts: bool = True) -> RowSampler:
    return RowSampler(estimator, runtime.describe(estimator), lambda _: accepts, rng())


def people() -> Any:
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["age"]),
            ("places", OneHotEncoder(handle_unknown="ignore"), ["place"]),
            ("notes", TfidfVectorizer(), "note"),
        ]
    )
    return make_pipeline(columns, LogisticRegression()).fit(PEOPLE, [0, 1, 0, 1] * 5)


def row_batches(estimator: Any, examples: Batch | None = None) -> list[Batch]:
    signature = runtime.describe(estimator)
    rng = np.random.default_rng(0)
    return list(RowProbes(sampler(estimator), signature, examples or [], list, rng).batches())


def flat(batches: Iterator[Batch] | list[Batch]) -> Batch:
    return [instance for batch in batches for instance in batch]


def test_the_same_seed_asks_the_same() -> None:
    assert row_batches(people()) == row_batches(people())


def test_four_thousand_rows_alone_and_by_the_hundred() -> None:
    batches = row_batches(LogisticRegression(max_iter=500).fit(X, SPECIES))
    sizes = [len(batch) for batch in batches]
    assert sum(sizes) >= 4096
    assert sizes.count(1) > 50
    assert sizes.count(100) > 20
    assert {1, 100} <= set(sizes[:12]), "what comes first isn't mixed"


def test_wide_rows_are_fewer() -> None:
    wide = LogisticRegression().fit(np.eye(4, 4000), [0, 1, 0, 1])
    assert 256 <= len(flat(row_batches(wide))) < 1000


def test_examples_come_first() -> None:
    estimator = LogisticRegression(max_iter=500).fit(X, SPECIES)
    assert row_batches(estimator, [[5.1, 3.5, 1.4, 0.2]])[0] == [[5.1, 3.5, 1.4, 0.2]]


def test_examples_tell_what_is_typical() -> None:
    frame = pd.DataFrame({"size": [1.0, 2.0], "kind": ["a", "b"]})
    signature = runtime.describe(OneHotEncoder(handle_unknown="ignore").fit(frame))
    examples = [{"size": 7000.0, "kind": "b"}, [9000.0, "c"]]
    knowing = RowSampler(FunctionTransformer(), signature, lambda _: True, rng(), examples)
    sizes, kinds = zip(*knowing.typical(100), strict=True)
    assert 5000 < min(sizes) < max(sizes) < 11000
    assert set(kinds) == {"b", "c"}


def test_neighbours_straddle_a_float_of_32_bits() -> None:
    threshold = 0.1  # not a float32 itself
    found = adjacent_floats(np.array([threshold]))[0]
    assert {np.nextafter(threshold, -np.inf), threshold, np.nextafter(threshold, np.inf)} <= {
        *found
    }
    cast = np.unique(found.astype(np.float32))
    assert len(cast) == 3
    below = [f for f in found if np.float32(f) <= np.float32(threshold)]
    assert np.float32(np.nextafter(max(below), 1.0)) > np.float32(threshold), "a gap is left"


@pytest.mark.parametrize("depth", [None, 3])
def test_paths_reach_every_node_of_a_tree_on_its_edge(depth: int | None) -> None:
    tree = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(CELLS, BENIGN)
    rows = np.array(sampler(tree).on_decision_paths(1000), dtype=np.float64)
    assert tree.decision_path(rows).sum(axis=0).all()
    inner = (tree.tree_.children_left >= 0).nonzero()[0]
    for node in inner:
        there = rows[tree.decision_path(rows)[:, node].toarray()[:, 0] > 0]
        values = there[:, tree.tree_.feature[node]].astype(np.float32)
        edge = np.float32(tree.tree_.threshold[node])
        near = np.abs(values - edge) <= np.spacing(edge)
        went_left = values[near] <= tree.tree_.threshold[node]
        assert went_left.any()
        assert not went_left.all()


@pytest.mark.parametrize(
    "estimator",
    [
        HistGradientBoostingClassifier(max_iter=5),
        RandomForestClassifier(5),
        make_pipeline(MinMaxScaler(), SelectKBest(k=3), DecisionTreeClassifier()),
        GridSearchCV(DecisionTreeClassifier(), {"max_depth": [2]}, cv=2),
        BaggingClassifier(DecisionTreeClassifier(), 3, max_features=5),
        FrozenEstimator(DecisionTreeClassifier().fit(CELLS, BENIGN)),
    ],
    ids=lambda e: type(e).__name__,
)
def test_thresholds_are_found_where_they_are_in_the_input(estimator: Any) -> None:
    estimator.fit(CELLS, BENIGN)
    critical = CriticalValues(estimator, CELLS.shape[1], rng())
    assert critical.numbers
    for column, values in critical.numbers.items():
        seen = CELLS[:, column]
        assert seen.min() - 1e-9 <= values.min() <= values.max() <= seen.max() + 1e-9


def test_what_is_behind_a_projection_is_left_alone() -> None:
    estimator = make_pipeline(PCA(3), DecisionTreeClassifier()).fit(CELLS, BENIGN)
    assert set(CriticalValues(estimator, CELLS.shape[1], rng()).numbers) <= set(
        range(CELLS.shape[1])
    )


def test_remembered_rows_are_in_the_units_of_the_input() -> None:
    estimator = make_pipeline(StandardScaler(), KNeighborsClassifier()).fit(X, SPECIES)
    rows: NDArray[np.float64] = np.array(sampler(estimator).near_stored_rows(20))[1::2]
    distances = np.abs(rows[:, None] - X[None]).max(axis=2).min(axis=1)
    assert distances.max() < 1e-12


def test_rows_close_to_what_it_remembers_where_nothing_else_is_taken() -> None:
    estimator = RadiusNeighborsClassifier(radius=0.5).fit(X, SPECIES)

    def accepts(rows: Batch) -> bool:
        return bool(estimator.radius_neighbors_graph(rows).sum(axis=1).min() > 0)

    chosen = RowSampler(
        estimator, runtime.describe(KNeighborsClassifier().fit(X, SPECIES)), accepts, rng()
    )
    assert accepts(chosen.typical(500))
    assert len({tuple(row) for row in chosen.typical(500)}) > 256


def test_columns_of_a_frame_get_what_they_hold() -> None:
    drawn = sampler(people()).typical(200)
    ages, places, notes = zip(*drawn, strict=True)
    assert all(isinstance(age, float) for age in ages)
    assert set(places) == {"Bern", "Zürich", "Genf"}
    assert any("good" in note for note in notes)


def test_frames_are_asked_what_is_odd() -> None:
    instances = flat(row_batches(people()))
    rows = [row for row in instances if isinstance(row, list)]
    assert any(isinstance(instance, dict) for instance in instances)
    assert any(row == [None, None, None] for row in rows)
    places = {row[1] for row in rows}
    assert {"", None, "BERN", "Bern "} & places
    assert any(isinstance(row[0], bool | int | str) for row in rows)


def test_strings_are_sent_where_numbers_are_refused() -> None:
    encoder = OneHotEncoder(handle_unknown="ignore").fit([["a", 1], ["b", 2]])
    chosen = sampler(encoder).typical(50)
    assert {row[0] for row in chosen} == {"a", "b"}
    with pytest.raises(NotCompilable, match="no rows were found"):
        sampler(encoder, accepts=False)


def test_texts_have_the_vocabulary_and_what_tokenizers_stumble_over() -> None:
    estimator = TfidfVectorizer().fit(["Zürich ist schön", "der Ärger"])
    texts = flat(TextProbes(estimator, [], rng()).batches())
    assert len(texts) > 1000
    assert any("schön" in text for text in texts)
    for special in ("", "\u0131I", "cafe\u0301", "İstanbul", "a\u2028b"):
        assert special in texts
    assert max(map(len, texts)) > 2000


@pytest.mark.parametrize("classes", [2, 3])
def test_boundaries_are_adjacent_floats(classes: int) -> None:
    model = LogisticRegression(max_iter=500).fit(X, SPECIES % classes)
    chosen = sampler(model)
    found: NDArray[np.float64] = np.array(
        decision_boundaries.find(chosen, model.predict, rng(), np.inf)
    )
    a, b = np.split(found[: len(found) // 2], 2)
    assert len(a) >= 16
    # Next to a boundary the label can depend on the number of rows in the call.
    assert (model.predict(a) != model.predict(b)).mean() > 0.9
    assert (np.abs(a - b) <= np.spacing(np.maximum(np.abs(a), np.abs(b)))).all()


def test_one_label_has_no_boundary() -> None:
    model = LogisticRegression(max_iter=500).fit(X, SPECIES)
    assert decision_boundaries.find(sampler(model), lambda r: np.zeros(len(r)), rng(), np.inf) == []
    assert decision_boundaries.find(sampler(model), lambda _: None, rng(), np.inf) == []


def test_paths_of_missing_values_lead_beyond_an_infinite_threshold() -> None:
    rows = np.where(rng().random((200, 2)) < 0.3, np.nan, rng().normal(size=(200, 2)))
    tree = DecisionTreeClassifier(max_depth=2).fit(rows, np.isnan(rows[:, 0]))
    assert np.isinf(tree.tree_.threshold).any()
    found = sampler(tree).on_decision_paths(100)
    assert 20 < sum(row[0] is None for row in found) < 80


@pytest.mark.parametrize("wrapped", [False, True])
def test_boosters_tell_their_categories_and_thresholds(wrapped: bool) -> None:
    model = xgboost.XGBClassifier(**XGB, enable_categorical=True)
    fitted = FrozenEstimator(model.fit(FRAME, FRAME_Y)) if wrapped else model.fit(FRAME, FRAME_Y)
    found = CriticalValues(fitted, 3, rng())
    assert set(found.categories[1]) == {"Oulu", "Pori", "Turku"}
    assert {*found.categories[2]} == {*FRAME["grade"].cat.categories}
    assert found.trees


def test_codes_of_a_booster_are_its_categories() -> None:
    codes = np.column_stack((FRAME["grade"].cat.codes, KNOWN[:, 0]))
    xgb = xgboost.XGBClassifier(**XGB, enable_categorical=True, feature_types=["c", "q"])
    lgb = lightgbm.LGBMClassifier(**LGB, min_data_per_group=2)
    for model in (xgb.fit(codes, FRAME_Y), lgb.fit(codes, FRAME_Y, categorical_feature=[0])):
        found = CriticalValues(model, 2, rng())
        assert set(found.categories[0]) <= set(range(70))
        assert len(found.categories[0]) > 5
        assert len(found.numbers[1]) > 1


def test_members_of_a_calibrated_pipeline_are_looked_into() -> None:
    model = CalibratedClassifierCV(people(), cv=2).fit(PEOPLE, [0, 1, 0, 1] * 5)
    found = CriticalValues(model, 3, rng())
    assert set(found.categories[1]) == {"Bern", "Genf", "Zürich"}
