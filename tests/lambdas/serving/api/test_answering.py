"""What the parameters of a request choose of the answer."""

import json
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier

from serving.api.application import Application, Request
from tests.lambdas.zoo import X, Y

ROWS = [[1.0, 1.0], [0.0, 0.0], [0.5, 0.5], [0.4, 0.7]]


def ask(application: Application, model: str, **parameters: Any) -> tuple[int, Any]:
    body = {"model": model, "instances": ROWS, "parameters": parameters}
    if model == "text":
        body["instances"] = ["good", "bad"]
    response = application.respond(Request("POST", "/inference", {}, json.dumps(body).encode()))
    return response.status, json.loads(response.body)


def test_probabilities_come_with_the_classes(application: Application) -> None:
    status, answer = ask(application, "named labels", method="predict_proba", classes=True)
    fitted = LogisticRegression().fit(X, np.array(["ä", "b"])[Y])
    assert (status, answer["classes"]) == (200, ["b", "ä"])
    np.testing.assert_allclose(answer["predictions"], fitted.predict_proba(ROWS), rtol=1e-12)


def test_labels_and_probabilities_come_in_one_call(application: Application) -> None:
    status, answer = ask(application, "classifier", probabilities=True)
    fitted = LogisticRegression().fit(X, Y + 10)
    assert (status, answer["classes"], answer["version"]) == (200, [10, 11], "2")
    assert answer["predictions"] == fitted.predict(ROWS).tolist()
    np.testing.assert_allclose(answer["probabilities"], fitted.predict_proba(ROWS), rtol=1e-12)


def test_an_answer_without_options_has_nothing_more(application: Application) -> None:
    status, answer = ask(application, "classifier", classes=False, probabilities=None)
    assert (status, set(answer)) == (200, {"model", "version", "predictions"})


def test_several_outputs_have_classes_and_probabilities_each(application: Application) -> None:
    status, answer = ask(application, "several", probabilities=True)
    assert (status, answer["classes"]) == (200, [[0, 1], [0, 1, 5, 6]])
    assert [[len(p) for p in row] for row in answer["probabilities"]] == [[2, 4]] * 4


@pytest.mark.parametrize("model", ["classifier", "named labels", "truth"])
@pytest.mark.parametrize("threshold", [0, 0.1, 0.5, 0.62, 0.9, 1])
def test_a_threshold_chooses_as_scikit_learn_does(
    application: Application, model: str, threshold: float
) -> None:
    labels = {"classifier": Y + 10, "named labels": np.array(["ä", "b"])[Y], "truth": Y == 1}
    fitted = LogisticRegression().fit(X, labels[model])
    tuned = FixedThresholdClassifier(
        fitted, threshold=threshold, pos_label=fitted.classes_[1], response_method="predict_proba"
    ).fit(X, labels[model])
    status, answer = ask(application, model, threshold=threshold, probabilities=True)
    assert (status, answer["predictions"]) == (200, tuned.predict(ROWS).tolist())
    np.testing.assert_allclose(answer["probabilities"], fitted.predict_proba(ROWS), rtol=1e-12)


@pytest.mark.parametrize(
    ("model", "parameters", "field", "text"),
    [
        ("regressor", {"threshold": 0.3}, "threshold", "no predict_proba"),
        ("regressor", {"probabilities": True}, "probabilities", "it offers predict"),
        ("regressor", {"classes": True}, "classes", "knows no classes"),
        ("several", {"threshold": 0.3}, "threshold", "between two classes"),
        ("classifier", {"threshold": 0.3, "method": "predict_proba"}, "threshold", "predict_proba"),
        ("classifier", {"probabilities": True, "method": "decision_function"}, "probabilities", ""),
        ("classifier", {"ignore_extra_columns": True}, "ignore_extra_columns", "column names"),
        ("classifier", {"classes": True, "method": "transform"}, "classes", "of no classes"),
    ],
)
def test_what_a_model_lacks_is_refused(
    application: Application, model: str, parameters: Any, field: str, text: str
) -> None:
    status, answer = ask(application, model, **parameters)
    assert (status, answer["error"]["field"]) == (422, f"$.parameters.{field}")
    assert text in answer["error"]["message"]


@pytest.mark.parametrize("value", [-0.1, 1.1, "0.5", True])
def test_a_threshold_is_a_share(application: Application, value: Any) -> None:
    status, answer = ask(application, "classifier", threshold=value)
    assert (status, answer["error"]["field"]) == (400, "$.parameters.threshold")


EXTRA: list[Any] = [
    {"instances": [{"age": 20.0, "x": None, "income": 1.0}]},
    {"columns": ["x", "income", "age"], "data": [["a", 1.0, 20.0]]},
    {"inputs": {"x": [[]], "income": [1.0], "age": [20.0]}},
    {"dataframe_split": {"columns": ["x", "income", "age"], "data": [[0, 1.0, 20.0]]}},
    {"dataframe_records": [{"x": 1, "age": 20.0, "income": 1.0}]},
]


@pytest.mark.parametrize("body", EXTRA)
def test_columns_that_a_model_lacks_are_passed_over_where_asked(
    application: Application, body: Any
) -> None:
    for parameters, status in (({"ignore_extra_columns": True}, 200), ({}, 422)):
        sent = json.dumps({"model": "frame", **body, "parameters": parameters}).encode()
        response = application.respond(Request("POST", "/inference", {}, sent))
        assert response.status == status, response.body
        if status == 200:
            assert json.loads(response.body)["predictions"] == pytest.approx([1.0])


def test_a_column_that_is_lacking_stays_an_error(application: Application) -> None:
    parameters = {"ignore_extra_columns": True}
    body = {"model": "frame", "instances": [{"age": 1, "x": 2}], "parameters": parameters}
    response = application.respond(Request("POST", "/inference", {}, json.dumps(body).encode()))
    assert response.status == 422
    assert "'income'" in json.loads(response.body)["error"]["message"]
