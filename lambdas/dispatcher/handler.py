"""Entry point of the dispatcher: one invocation of the preparer for each candidate.

It is the destination of `stage` and `reconcile`. Verdicts that need no preparer go to `publish`
directly. The function runs outside of the VPC, which has no route to Lambda's API. It sees no file
system.
"""

import functools
import json
import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from dispatcher.settings import DispatchSettings
from serving.errors import RecordError
from serving.records import verdicts
from serving.records.verdicts import Candidate

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

# `publish` acts on what reconcile refused within this time, so that the next run doesn't find it.
BREATH_SECONDS = 5.0
# Lambda's API may be asked too often at once. After these tries Lambda retries the whole event.
RETRIES = Config(retries={"mode": "standard", "max_attempts": 8})


def handler(event: dict[str, Any], context: object) -> dict[str, int]:  # noqa: ARG001 (Lambda's signature)
    """Pass the verdicts of a destination record on; return how many went to the preparer.

    Raises:
        RecordError: this is no destination record.
    """
    found = verdicts.decode(event.get("responsePayload"))
    candidates = [verdict for verdict in found if isinstance(verdict, Candidate)]
    others = [verdict for verdict in found if not isinstance(verdict, Candidate)]
    settings = _settings()
    if others:
        _invoke(settings.publish, verdicts.encode(others))
    for candidate in candidates:
        _invoke(settings.preparer, verdicts.encode([candidate]))
    if not found and "continue" not in event["responsePayload"]:
        # It keeps the rest of the chain from falling idle.
        _invoke(settings.preparer, verdicts.encode([]))
    _go_on(event, is_breath_needed=bool(others))
    return {"candidates": len(candidates), "others": len(others)}


def _go_on(event: dict[str, Any], *, is_breath_needed: bool) -> None:
    """Start the next run, where the function that answered asks for it."""
    following = event["responsePayload"].get("continue")
    if following is None:
        return
    arn = (event.get("requestContext") or {}).get("functionArn")
    if not isinstance(arn, str) or not isinstance(following, dict):
        raise RecordError("expected the ARN of the function that goes on, and its event")
    if is_breath_needed:
        time.sleep(BREATH_SECONDS)
    _invoke(arn.removesuffix(":$LATEST"), following)


def _invoke(function: str, event: Mapping[str, Any]) -> None:
    payload = json.dumps(event, ensure_ascii=False).encode()
    lambda_ = _client()
    lambda_.invoke(FunctionName=function, InvocationType="Event", Payload=payload)


@functools.cache
def _settings() -> DispatchSettings:
    settings = DispatchSettings.from_env()
    logging.getLogger().setLevel(settings.log_level)
    return settings


@functools.cache
def _client() -> "LambdaClient":
    return boto3.client("lambda", config=RETRIES)
