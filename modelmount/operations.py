"""Operations on models: tried first, sent as an event, then watched until they are done.

An event's outcome leaves as a notice, which a synchronous call's doesn't.
"""

import json
import time
from collections.abc import Callable
from typing import Any

from modelmount.target import Target

DONE_SECONDS = 60
POLL_SECONDS = 0.5


class OperationFailed(Exception):
    """The deployment refused, or it didn't come to pass in time."""


def operate(target: Target, operation: str, model: str, version: str | None) -> dict[str, Any]:
    """Carry out an operation and return its outcome.

    Raises:
        OperationFailed: with the deployment's reason.
    """
    asked = {"operation": operation, "model": model, "version": version}
    trial = ask(target, target.operations_function, {**asked, "dry_run": True})
    outcome: dict[str, Any] = trial["outcomes"][0]
    # The version that the dry run chose, so that a repeated event doesn't go one further back.
    event = asked if operation == "delete" else {**asked, "version": outcome["version"]}
    target.functions.invoke(
        FunctionName=target.operations_function,
        InvocationType="Event",
        Payload=json.dumps(event).encode(),
    )
    deadline = time.monotonic() + DONE_SECONDS
    is_done = _is_done(operation, outcome)
    while not is_done(show(target, model)):
        if time.monotonic() > deadline:
            raise OperationFailed(
                f"{operation} of {model!r} was accepted and isn't done after {DONE_SECONDS} s. "
                "See the log of the function Publish, and: modelmount redrive"
            )
        time.sleep(POLL_SECONDS)
    return outcome


def show(target: Target, model: str) -> dict[str, Any]:
    """Return a model's status; raises `OperationFailed` when there is no such model."""
    event = {"operation": "show", "model": model}
    status: dict[str, Any] = ask(target, target.operations_function, event)["status"]
    return status


def ask(target: Target, function: str, event: dict[str, Any]) -> dict[str, Any]:
    """Ask a function something and wait for the answer; raises `OperationFailed`."""
    answer = target.functions.invoke(FunctionName=function, Payload=json.dumps(event).encode())
    payload: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise OperationFailed(f"The function failed: {payload.get('errorMessage', payload)}")
    if "error" in payload:
        raise OperationFailed(payload["error"]["message"])
    return payload


def _is_done(operation: str, outcome: dict[str, Any]) -> Callable[[dict[str, Any]], bool]:
    version = outcome["version"]
    if operation == "delete":
        gone = set(version.split(", "))
        serving = ("current", "pinned", "ready", "rolled_back")
        return lambda status: (
            not any(v["version"] in gone and v["state"] in serving for v in status["versions"])
        )
    pinned = version if operation == "pin" else None
    return lambda status: (status["current"], status["pinned"]) == (version, pinned)
