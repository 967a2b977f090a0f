import json
from typing import Any

import pytest

from serving.api.application import Application, Request

ROWS = [[1.0, 1.0], [0.0, 0.0]]


def call(application: Application, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    content = b"" if body is None else json.dumps(body).encode()
    response = application.respond(Request(method, path, {}, content))
    return response.status, json.loads(response.body)


def test_instances_become_predictions(application: Application) -> None:
    path = "/v1/models/classifier"
    assert call(application, "POST", f"{path}:predict", {"instances": ROWS}) == (
        200,
        {"predictions": [11, 10]},
    )
    body = {"instances": ROWS, "signature_name": "serving_default"}
    assert call(application, "POST", f"{path}/versions/1:predict", body)[1]["predictions"] == [1, 0]


def test_the_colon_may_be_encoded_and_a_slash_may_follow(application: Application) -> None:
    for path in (
        "classifier%3Apredict",
        "classifier%3apredict/",
        "classifier/versions/2%3Apredict",
    ):
        status, answer = call(application, "POST", f"/v1/models/{path}", {"instances": ROWS})
        assert (status, answer) == (200, {"predictions": [11, 10]})
    assert call(application, "GET", "/v1/models/classifier%3Apredict")[0] == 404  # a model's name


def test_an_error_keeps_its_place(application: Application) -> None:
    path = "/v1/models/classifier:predict"
    status, answer = call(application, "POST", path, {"instances": [[1, 1], [1, None]]})
    assert (status, answer["error"].partition(":")[0]) == (422, "$.instances[1][1]")


def test_options_of_the_answer(application: Application) -> None:
    path = "/v1/models/classifier:predict"
    body = {"instances": ROWS, "parameters": {"probabilities": True}}
    answer = call(application, "POST", path, body)[1]
    assert (answer["predictions"], answer["classes"]) == ([11, 10], [10, 11])
    assert len(answer["probabilities"]) == 2
    body = {"instances": ROWS, "params": {"classes": True}}
    assert set(call(application, "POST", path, body)[1]) == {"predictions", "classes"}


def test_columns_become_outputs(application: Application) -> None:
    columns = {"income": [1.0, 2.0], "age": [20.0, 40.0]}
    status, answer = call(application, "POST", "/v1/models/frame:predict", {"inputs": columns})
    assert (status, len(answer["outputs"])) == (200, 2)


def test_the_status_of_a_model(application: Application) -> None:
    status, answer = call(application, "GET", "/v1/models/classifier")
    assert (status, answer["name"], answer["ready"]) == (200, "classifier", True)
    assert [v["version"] for v in answer["model_version_status"]] == ["1", "2"]
    one = call(application, "GET", "/v1/models/classifier/versions/1")[1]
    assert [v["state"] for v in one["model_version_status"]] == ["AVAILABLE"]
    assert "classifier" in call(application, "GET", "/v1/models")[1]["models"]
    assert call(application, "GET", "/v1/models/coming")[0] == 503


@pytest.mark.parametrize(
    ("path", "body", "status", "text"),
    [
        ("nobody:predict", {"instances": ROWS}, 404, "no model"),
        ("classifier:predict", {}, 400, "one of these"),
        ("classifier:predict", {"instances": ROWS, "inputs": ROWS}, 400, "no more"),
        ("classifier:predict", {"instances": []}, 400, "at least one"),
        ("classifier:predict", {"instances": [[1]]}, 422, "takes 2"),
        ("classifier:predict", {"inputs": {"a": [1], "b": [2]}}, 422, "without column names"),
        ("classifier:explain", {"instances": ROWS}, 405, "GET"),
    ],
)
def test_each_mistake_has_its_status(
    application: Application, path: str, body: Any, status: int, text: str
) -> None:
    got, answer = call(application, "POST", f"/v1/models/{path}", body)
    assert (got, text in answer["error"]) == (status, True), answer
