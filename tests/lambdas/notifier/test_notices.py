from typing import Any

import pytest

from notifier.notice import Notice
from notifier.notices import notices

RECORD: dict[str, Any] = {
    "timestamp": "2026-11-21T01:17:10.000Z",
    "requestContext": {"condition": "Success"},
    "responsePayload": {
        "outcomes": [
            {
                "result": "rejected",
                "model": "iris",
                "version": "3",
                "reason": "not fitted",
                "key": None,
            },
            {
                "result": "duplicate",
                "model": "iris",
                "version": "2",
                "reason": None,
                "key": None,
            },
            {
                "result": "refused",
                "model": None,
                "version": None,
                "reason": "too deep",
                "key": "a/b/c/d",
            },
        ]
    },
}


def test_each_outcome_that_is_news_is_one_notice() -> None:
    at = RECORD["timestamp"]
    assert list(notices(RECORD)) == [
        Notice("rejected", at, "iris", "3", None, "not fitted"),
        Notice("refused", at, None, None, "a/b/c/d", "too deep"),
    ]


@pytest.mark.parametrize("payload", [None, {}, {"outcomes": [], "status": {"model": "iris"}}])
def test_an_answer_without_outcomes_is_no_news(payload: dict[str, Any] | None) -> None:
    assert list(notices({**RECORD, "responsePayload": payload})) == []
