"""The committed document is the code's, and what breaks clients is noticed."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from openapi import changes, document
from openapi.__main__ import FILE, text

Json = dict[str, Any]


def test_the_committed_document_is_up_to_date() -> None:
    assert FILE.read_text("utf-8") == text(), "run `python -m openapi`"


def test_nothing_breaks_against_the_committed_document() -> None:
    assert changes.breaking(json.loads(FILE.read_text("utf-8")), document.build()) == []


def request_of(built: Json) -> Json:
    found: Json = built["components"]["schemas"]["InferenceRequest"]
    return found


def post(built: Json) -> Json:
    found: Json = built["paths"]["/inference"]["post"]
    return found


BREAKING: dict[str, Callable[[Json], Any]] = {
    "POST /inference is gone": lambda d: d["paths"].pop("/inference"),
    "GET /v2 is gone": lambda d: d["paths"]["/v2"].pop("get"),
    "answers 418": lambda d: post(d)["responses"].update({"418": {}}),
    "no longer answers application/json": lambda d: post(d)["responses"]["200"]["content"].clear(),
    "answers another schema": lambda d: post(d)["responses"]["200"]["content"].update(
        {"application/json": {"schema": {"$ref": "#/x"}}}
    ),
    "takes another body": lambda d: post(d)["requestBody"]["content"].update(
        {"application/json": {}}
    ),
    "needs a body": lambda d: d["paths"]["/v2/repository/index"]["post"]["requestBody"].update(
        required=True
    ),
    "no longer answers with 'models'": lambda d: d["paths"]["/models"]["get"]["responses"]["200"][
        "content"
    ]["application/json"]["schema"].update(required=[]),
    "InferenceRequest.version is gone": lambda d: request_of(d)["properties"].pop("version"),
    "InferenceRequest.model was": lambda d: request_of(d)["properties"].update(
        model={"type": "integer"}
    ),
    "InferenceRequest.version is needed": lambda d: request_of(d)["required"].append("version"),
    "another combination": lambda d: request_of(d).pop("oneOf"),
    "InferenceResponse.version is no longer certain": lambda d: d["components"]["schemas"][
        "InferenceResponse"
    ]["required"].remove("version"),
    "the schema Error is gone": lambda d: d["components"]["schemas"].pop("Error"),
}


@pytest.mark.parametrize("told", BREAKING)
def test_what_breaks_clients_is_told(told: str) -> None:
    old = document.build()
    new = copy.deepcopy(old)
    BREAKING[told](new)
    found = changes.breaking(old, new)
    assert any(told in change for change in found), found


def test_growth_breaks_nobody() -> None:
    old = document.build()
    new = copy.deepcopy(old)
    new["paths"]["/more"] = {}
    request_of(new)["properties"]["more"] = {"type": "string"}
    new["components"]["schemas"]["InferenceResponse"]["required"].append("more")
    assert changes.breaking(old, new) == []
