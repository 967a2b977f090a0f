"""The verifier finds errors: each program here is wrong in one way that is easily overlooked."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from modelmount_compiler.compilation import MethodProof
from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.program import Node, Program
from modelmount_compiler.signature import Method
from modelmount_compiler.verify.compile_verified import SEED
from modelmount_compiler.verify.verifier import Reference, Verifier

X, SPECIES = load_iris(return_X_y=True)
CELLS, BENIGN = load_breast_cancer(return_X_y=True)
Operation = Callable[[Any], Any]


def proofs(estimator: Any, **operations: Operation) -> dict[str, MethodProof]:
    """Hold operations on a whole batch, one for each method, against an estimator."""
    signature = runtime.describe(estimator)
    reference = Reference(estimator, signature, runtime.Model(estimator, signature))
    nodes = [Node(operation, (0,)) for operation in operations.values()]
    methods: dict[Method, int] = {m: i for i, m in enumerate(operations, start=1)}  # type: ignore[misc]
    verifier = Verifier(Program(nodes, methods), reference, time.monotonic(), 60.0, SEED)
    return {proof.method: proof for proof in verifier.proofs()}


def passes(proof: MethodProof) -> bool:
    """Whether nothing was wrong; what is as fast as the original may be slower by chance."""
    return proof.reason is None or proof.reason.startswith("it is slower")


def reason(
    estimator: Any, wrong: Operation, method: str = "predict", right: Operation | None = None
) -> str:
    """Return why the verifier refuses an operation, while it passes the right one."""
    honest = right or getattr(estimator, method)
    assert passes(proofs(estimator, **{method: honest})[method])
    proof = proofs(estimator, **{method: wrong})[method]
    assert not passes(proof), "the verifier let it through"
    return str(proof.reason)


def walk(tree: Any, x: NDArray[Any], goes_left: Callable[[Any, Any], Any]) -> NDArray[np.intp]:
    """Return the leaf of each row in a decision tree that compares in its own way."""
    node = np.zeros(len(x), dtype=np.intp)
    while (inner := tree.children_left[node] >= 0).any():
        value = x[np.arange(len(x)), np.maximum(tree.feature[node], 0)]
        left = goes_left(value, tree.threshold[node])
        left |= np.isnan(value) & (tree.missing_go_to_left[node] == 1)
        child = np.where(left, tree.children_left[node], tree.children_right[node])
        node = np.where(inner, child, node)
    return node


def checked(x: NDArray[np.float64]) -> NDArray[np.float64]:
    if np.isinf(x.astype(np.float32)).any():
        raise ValueError("too large for float32")
    return x


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
class TestTrees:
    """One tree, whose program is right but for how it compares."""

    estimator = DecisionTreeClassifier(random_state=0).fit(X, SPECIES)

    def predict(self, compare: Callable[[Any, Any], Any]) -> Operation:
        tree = self.estimator.tree_

        def predict(x: NDArray[np.float64]) -> Any:
            return tree.value[walk(tree, checked(x), compare), 0].argmax(axis=1)

        return predict

    def test_the_right_comparison_passes(self) -> None:
        right = self.predict(lambda value, threshold: value.astype(np.float32) <= threshold)
        proof = proofs(self.estimator, predict=right)["predict"]
        assert proof.flips == 0
        assert proof.probes > 4096
        assert passes(proof)

    def test_input_that_is_not_cast_to_float32(self) -> None:
        assert "the model answers" in reason(self.estimator, self.predict(np.less_equal))

    def test_less_for_less_or_equal(self) -> None:
        less = self.predict(lambda value, threshold: value.astype(np.float32) < threshold)
        assert "the model answers" in reason(self.estimator, less)

    def test_overflow_that_the_model_refuses(self) -> None:
        estimator = self.estimator
        found = reason(estimator, lambda x: estimator.predict(np.clip(x, -1e30, 1e30)))
        assert "the model refuses (ValueError" in found


def test_ties_broken_the_other_way() -> None:
    forest = RandomForestClassifier(4, max_depth=3, random_state=0).fit(CELLS, BENIGN)

    def last_of_equals(x: NDArray[np.float64]) -> Any:
        scores = forest.predict_proba(x)
        return forest.classes_.take(1 - scores[:, ::-1].argmax(axis=1))

    assert "the model answers" in reason(forest, last_of_equals)


def test_a_margin_of_zero_taken_for_positive() -> None:
    model = LogisticRegression().fit([[-1.0], [1.0]], [0, 1])
    model.coef_, model.intercept_ = np.ones((1, 1)), np.zeros(1)
    model_says = reason(model, lambda x: model.classes_.take((x[:, 0] >= 0).astype(int)))
    assert "the model answers 0, and the compiled form 1" in model_says


def test_an_unknown_category_taken_for_a_known_one() -> None:
    frame = pd.DataFrame({"place": ["Bern", "Zürich", "Genf"] * 4, "age": range(12)})
    encoder = OneHotEncoder(handle_unknown="ignore")
    estimator = make_pipeline(encoder, LogisticRegression()).fit(frame, [0, 1, 1] * 4)

    def right(rows: list[list[Any]]) -> Any:
        table = pd.DataFrame(rows, columns=["place", "age"])
        return estimator.predict_proba(table.astype({"place": "str"}))

    def wrong(rows: list[list[Any]]) -> Any:
        known = {"Bern", "Zürich", "Genf"}
        return right([[p if p in known or pd.isna(p) else "Genf", age] for p, age in rows])

    assert "the model " in reason(estimator, wrong, "predict_proba", right)


def test_text_lowered_as_if_it_were_ascii() -> None:
    texts = ["Zürich ist schön", "ÄRGER und Verdruss", "schöner Ärger", "Straße"] * 3
    estimator = make_pipeline(CountVectorizer(), LogisticRegression()).fit(texts, [0, 1, 1, 0] * 3)

    def lowered(text: str) -> str:
        return "".join(c.lower() if c.isascii() else "_" if c.isupper() else c for c in text)

    found = reason(
        estimator,
        lambda texts: estimator.predict_proba([lowered(t) for t in texts]),
        "predict_proba",
    )
    assert "the model answers [" in found


def test_missing_values_sent_the_wrong_way() -> None:
    holes = np.where(np.random.default_rng(0).random(CELLS.shape) < 0.2, np.nan, CELLS)
    estimator = HistGradientBoostingClassifier(max_iter=2).fit(holes, BENIGN)
    found = reason(estimator, lambda x: estimator.predict_proba(np.nan_to_num(x)), "predict_proba")
    assert "None" in found


@pytest.mark.parametrize(
    ("labels", "dtype"), [(SPECIES == 1, np.int64), (SPECIES, np.int32), (SPECIES, np.float64)]
)
def test_labels_of_another_dtype(labels: NDArray[Any], dtype: Any) -> None:
    estimator = LogisticRegression(max_iter=500).fit(X, labels)
    found = reason(estimator, lambda x: estimator.predict(x).astype(dtype))
    assert f"holds {np.dtype(dtype)} where the model gives {labels.dtype}" in found


def test_a_threshold_ignored() -> None:
    inner = make_pipeline(StandardScaler(), LogisticRegression())
    estimator = FixedThresholdClassifier(inner, threshold=0.6).fit(CELLS, BENIGN)
    assert "the model answers" in reason(estimator, estimator.estimator_.predict)


def test_a_relative_error_of_1e_8() -> None:
    estimator = LogisticRegression(max_iter=500).fit(X, SPECIES)
    found = proofs(
        estimator,
        predict=estimator.predict,
        predict_proba=lambda x: estimator.predict_proba(x) * (1 + 1e-8),
        decision_function=lambda x: estimator.decision_function(x) * (1 + 1e-12),
    )
    assert found["predict_proba"].reason is not None
    assert found["predict_proba"].largest_difference == pytest.approx(1e-8, rel=1e-2)
    for method in ("predict", "decision_function"):
        assert passes(found[method])


def test_what_is_single_in_the_original_may_differ_more() -> None:
    class Single(LinearRegression):  # type: ignore[misc]  # untyped
        def predict(self, x: Any) -> NDArray[np.float32]:
            return np.asarray(super().predict(x)).astype(np.float32)

    estimator = Single().fit(X, SPECIES)
    near = proofs(estimator, predict=lambda x: estimator.predict(x) * np.float32(1 + 3e-7))
    assert passes(near["predict"])
    assert "differs" not in reason(estimator, lambda x: estimator.predict(x) * np.float32(1.00001))


def test_a_shape_that_differs() -> None:
    estimator = LinearRegression().fit(X, SPECIES)
    assert "has shape (" in reason(estimator, lambda x: estimator.predict(x)[:, None])


def test_a_program_that_crashes() -> None:
    estimator = LinearRegression().fit(X, SPECIES)
    assert "the compiled form refuses (KeyError" in reason(estimator, lambda x: {0: x}[len(x)])


def test_an_original_that_contradicts_itself() -> None:
    class Dice(LinearRegression):  # type: ignore[misc]  # untyped
        def predict(self, x: Any) -> Any:
            return super().predict(x) + np.random.default_rng().random()

    estimator = Dice().fit(X, SPECIES)
    with pytest.raises(NotCompilable, match="differs from one call to the next"):
        proofs(estimator, predict=estimator.predict)


def test_no_time_to_prove_anything() -> None:
    estimator = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, SPECIES)
    signature = runtime.describe(estimator)
    reference = Reference(estimator, signature, runtime.Model(estimator, signature))
    program = Program([Node(estimator.predict, (0,))], {"predict": 1})
    proof = Verifier(program, reference, time.monotonic(), 0.0, SEED).proofs()[0]
    assert proof.reason is not None
    assert "256 are the fewest" in proof.reason


def test_a_method_without_a_program_is_named() -> None:
    estimator = LogisticRegression(max_iter=500).fit(X, SPECIES)
    found = proofs(estimator, predict=estimator.predict)
    assert found["predict_proba"].reason == "it has no compiled form"
