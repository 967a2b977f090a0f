"""The served document, and schemathesis holding the application against it."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemathesis
from schemathesis import GenerationMode

from serving.api import openapi
from serving.api.application import Application, Request
from serving.repository.model_reader import ModelReader
from serving.service.service import Service
from tests.lambdas.serving.api.protocols.wsgi import wsgi
from tests.openapi_conformance import CONFIG, OPERATIONS, check

EXAMPLES = 15
ROWS = [[1.0, 1.0], [0.0, 0.0]]


def get(application: Application, path: str) -> Any:
    response = application.respond(Request("GET", path))
    assert response.status == 200
    return json.loads(response.body)


def test_the_document_is_served(application: Application) -> None:
    assert get(application, "/openapi.json") == json.loads(openapi.FILE.read_text("utf-8"))


@pytest.mark.parametrize(
    ("model", "good", "bad"),
    [
        ("classifier", [1.0, 1.0], [1.0]),
        ("classifier", [1.0, True], [1.0, None]),
        ("mixed", {"age": 1, "town": "Åbo"}, {"age": 1}),
        ("mixed", [1, None], [1, None, 2]),
        ("text", "good", ["good"]),
    ],
)
def test_a_models_own_document_says_what_it_takes(
    application: Application, model: str, good: Any, bad: Any
) -> None:
    document = get(application, f"/models/{model}/openapi.json")
    schema = {**document, "$ref": "#/components/schemas/InferenceRequest"}
    validator = jsonschema.Draft202012Validator(schema)
    for instance, valid in ((good, True), (bad, False)):
        body = {"model": model, "instances": [instance]}
        assert validator.is_valid(body) is valid
        response = application.respond(Request("POST", "/inference", {}, json.dumps(body).encode()))
        assert (response.status == 200) is valid, response.body


@pytest.fixture(scope="module")
def api(repository_root: Path) -> Any:
    service = Service(
        ModelReader(repository_root / "models"), budget_bytes=2**30, refresh_seconds=60
    )
    application = Application(service, allowed_origins=("*",), max_answer_bytes=2**20)
    return schemathesis.openapi.from_wsgi("/openapi.json", wsgi(application), config=CONFIG)


@pytest.mark.parametrize(("path", "method", "mode"), OPERATIONS)
@pytest.mark.slow
def test_answers_are_as_documented(api: Any, path: str, method: str, mode: GenerationMode) -> None:
    check(api[path][method], mode, model="classifier", examples=EXAMPLES)
