"""A request to try with a model that is served."""

import json
from collections.abc import Mapping
from typing import Any

from modelmount import container

TEXT = '{"text": "Once upon a time", "parameters": {"max_new_tokens": 20}}'


def curl(url: str, kind: str) -> str:
    """Return a command that asks the model; a script alone knows what it takes."""
    command = f"curl {url}/invocations -H 'Content-Type: application/json'"
    if kind == "script":
        return f"{command} --data-binary @FILE"
    body = TEXT if kind == "text" else _instances(url)
    return f"{command} --data '{body}'"


def _instances(url: str) -> str:
    """Return a request of one instance, by what the model says that it takes."""
    status, described = container.get(f"{url}/models/model")
    signature = described["versions"][-1]["signature"] if status == 200 else {}
    body = json.dumps({"instances": [_instance(signature)]})
    return body.replace("'", "\\u0027")  # in JSON the same, and it ends no word of the shell's


def _instance(signature: Mapping[str, Any]) -> object:
    """Return zeros by column or in a row, or a text; as many as it says, or else dots."""
    if signature.get("input") == "text":
        return "some text"
    if columns := signature.get("columns"):
        return dict.fromkeys(columns, 0)
    count = signature.get("n_features")
    return [0] * count if count else ["…"]
