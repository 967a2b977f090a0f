"""Asking the API, with a limit to every wait."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import requests

from local.endpoints import Endpoints

PATIENCE_SECONDS = 90


def until(look: Callable[[], Any]) -> Any:
    """Return what is looked for, once it is there."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing after {PATIENCE_SECONDS} s")


def ask(system: Endpoints, variant: str, **arguments: Any) -> requests.Response:
    """Ask a variant, which may take its time to start."""

    def look() -> list[requests.Response]:
        answer = requests.post(f"{system.api}/api/v1/{variant}", timeout=60, **arguments)
        # In a list, since an answer above 400 is false.
        return [] if answer.status_code == 504 else [answer]

    (found,) = until(look)
    assert isinstance(found, requests.Response)
    return found


def submit(system: Endpoints, endpoint: str, **arguments: Any) -> str:
    """Queue a request; return its id."""
    answer = requests.post(f"{system.api}/async/{endpoint}", timeout=30, **arguments)
    assert answer.status_code == 202, answer.text
    place = urljoin(answer.url, answer.headers["Location"])
    assert place == f"{system.api}/async/{answer.json()['id']}"
    return str(answer.json()["id"])


def finished(system: Endpoints, request_id: str) -> requests.Response:
    """Wait for the outcome of a queued request."""

    def look() -> list[requests.Response]:
        answer = requests.get(f"{system.api}/async/{request_id}", timeout=30, allow_redirects=False)
        return [] if answer.status_code == 202 else [answer]

    (found,) = until(look)
    assert isinstance(found, requests.Response)
    return found


def hosted(system: Endpoints, name: str) -> str:
    """Return an endpoint's name on AWS, which ends with its own."""
    names = system.outputs["SageMakerEndpoints"].split(",")
    (found,) = (physical for physical in names if physical.split("-", 3)[3] == name)
    return found
