"""Lines of logs reach the functions that subscribe to them."""

import asyncio
import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from local.assembly.resources.log_subscription import LogSubscription
from local.functions import log_watcher
from local.functions.log_watcher import LogWatcher

SUBSCRIPTION = LogSubscription(
    "Stack/Filter", "group", "arn:aws:logs:us-east-1:123456789012:log-group:group", "WORD", "arn:f"
)


def told(event: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        gzip.decompress(base64.b64decode(json.loads(event)["awslogs"]["data"]))
    )
    return found


def test_what_is_added_and_has_the_word_is_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_watcher, "WATCH_SECONDS", 0.01)
    called: list[tuple[str, bytes]] = []
    path = tmp_path / "f.log"
    path.write_text("WORD of an earlier run\n")

    async def run() -> None:
        watcher = LogWatcher([(SUBSCRIPTION, path)], lambda *call: called.append(call))
        await asyncio.sleep(0.05)
        with path.open("a") as file:
            file.write("nothing\nWORD 1\nWORD 2 without an e")
            file.flush()
            await asyncio.sleep(0.1)
            file.write("nd\n")
        await asyncio.sleep(0.1)
        await watcher.close()

    asyncio.run(run())
    assert [arn for arn, _ in called] == ["arn:f", "arn:f"]
    lines = [line["message"] for _, event in called for line in told(event)["logEvents"]]
    assert lines == ["WORD 1\n", "WORD 2 without an end\n"]
    assert told(called[0][1])["owner"] == "123456789012"


def test_a_log_that_begins_later_is_followed_from_its_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_watcher, "WATCH_SECONDS", 0.01)
    called: list[str] = []

    async def run() -> None:
        path = tmp_path / "f.log"
        watcher = LogWatcher([(SUBSCRIPTION, path)], lambda arn, _: called.append(arn))
        await asyncio.sleep(0.05)
        path.write_text("WORD\n")
        await asyncio.sleep(0.1)
        await watcher.close()

    asyncio.run(run())
    assert called == ["arn:f"]
