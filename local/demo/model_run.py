"""Uploads a model, waits until it is active, and asks it, with boto3 and HTTP as a user would."""

import math
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import boto3
import requests

from local.demo.demo_models import DemoModel
from local.endpoints import Endpoints

ACTIVE_SECONDS = 120
REQUEST_SECONDS = 35


class DemoFailed(Exception):
    """A step of the demo failed; the text says why."""


@dataclass(frozen=True)
class ModelRun:
    """A model's request and answer, and the seconds that upload and request took."""

    model: DemoModel
    request: dict[str, Any]
    answer: dict[str, Any]
    compiled: str
    until_active: float
    until_answered: float

    @property
    def is_equal(self) -> bool:
        """Whether the answer equals the model's own.

        Numbers may differ by one in a billion: a compiled model is equal within that.
        """
        return _equal(self.answer["predictions"], self.model.expected)


def _equal(answer: Any, expected: Any) -> bool:
    if isinstance(answer, list) and isinstance(expected, list):
        both = zip(answer, expected, strict=True)
        return len(answer) == len(expected) and all(_equal(a, b) for a, b in both)
    if isinstance(answer, float) and isinstance(expected, float):
        return math.isclose(answer, expected, rel_tol=1e-9)
    return type(answer) is type(expected) and bool(answer == expected)


def upload(endpoints: Endpoints, model: DemoModel) -> str:
    """Puts the model's file into the bucket and returns the object's version id."""
    s3 = boto3.client(
        "s3",
        endpoint_url=endpoints.s3,
        region_name=endpoints.region,
        aws_access_key_id=endpoints.access_key,
        aws_secret_access_key=endpoints.secret_key,
    )
    put = s3.put_object(Bucket=endpoints.bucket, Key=model.key, Body=model.content)
    return put["VersionId"]


def wait_until_active(endpoints: Endpoints, model: DemoModel, version_id: str) -> str:
    """Polls the model's status until this upload is current, and returns a line on its compilation.

    Raises:
        DemoFailed: the model was rejected, or took too long.
    """
    deadline = time.monotonic() + ACTIVE_SECONDS
    while time.monotonic() < deadline:
        answer = requests.get(
            f"{endpoints.api}/models/{quote(model.name)}", timeout=REQUEST_SECONDS
        )
        for version in answer.json().get("versions", ()) if answer.ok else ():
            if version.get("source", {}).get("version_id") != version_id:
                continue
            if version["state"] == "rejected":
                raise DemoFailed(f"{model.key} was rejected: {version['reason']}")
            if version["state"] == "current":
                return str(version.get("compilation", {}).get("summary", "served as uploaded"))
        time.sleep(0.2)
    raise DemoFailed(f"{model.key} was not active after {ACTIVE_SECONDS} s.")


def ask(endpoints: Endpoints, model: DemoModel, compiled: str, until_active: float) -> ModelRun:
    """Calls `POST /inference`. Raises DemoFailed if the answer isn't a 200."""
    request = {"model": model.name, "instances": model.instances}
    started = time.monotonic()
    answer = requests.post(f"{endpoints.api}/inference", json=request, timeout=REQUEST_SECONDS)
    seconds = time.monotonic() - started
    if answer.status_code != 200:
        raise DemoFailed(f"{model.key}: status {answer.status_code}, {answer.text}")
    return ModelRun(model, request, answer.json(), compiled, until_active, seconds)
