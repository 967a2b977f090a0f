"""Notices of versions that inference put aside, by what its log says."""

import base64
import gzip
import json
import logging
from typing import Any

import pytest

from notifier.notice import Notice
from notifier.notices import notices
from serving.service.version_id import VersionId
from workers.breaker import FAILURES, Breaker

PREFIX = "[ERROR]\t2026-11-29T23:01:02.003Z\t6f1b-1\t"


def event(*messages: str) -> dict[str, Any]:
    """Return what CloudWatch Logs sends for lines that have the word."""
    lines = [{"id": "1", "timestamp": 1_764_457_262_003, "message": m} for m in messages]
    told = {"messageType": "DATA_MESSAGE", "logGroup": "g", "logEvents": lines}
    return {
        "awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(told).encode())).decode()}
    }


def test_a_version_that_is_put_aside_is_one_notice(caplog: pytest.LogCaptureFixture) -> None:
    breaker = Breaker("Version 3 of 'iris'", VersionId("iris", "3", ""))
    with caplog.at_level(logging.ERROR):
        for _ in range(FAILURES + 2):
            breaker.failed("crashed (SIGSEGV)")
    told = event(*(f"{PREFIX}{record.getMessage()}\n" for record in caplog.records))
    text = "It crashed (SIGSEGV), again and again; it is tried again in 30 s."
    expected = Notice("put_aside", "2025-11-29T23:01:02.003Z", "iris", "3", None, text)
    assert list(notices(told)) == [expected]


@pytest.mark.parametrize(
    "line",
    [
        "[WARNING]\tt\tr\tVersion 1 of 'm' doesn't load: MODEL_PUT_ASIDE {}",
        "[ERROR]\tt\tr\tValueError: MODEL_PUT_ASIDE {}",
        '[ERROR]\tt\tr\tx\n[ERROR]\tt\tr\tMODEL_PUT_ASIDE {"model": "other"}',
        "MODEL_PUT_ASIDE {}",
    ],
)
def test_what_a_model_makes_the_log_say_is_no_notice(line: str) -> None:
    assert list(notices(event(line))) == []
