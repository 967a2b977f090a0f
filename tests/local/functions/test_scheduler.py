import asyncio
import json

import pytest

from local.assembly.resources.schedule_rule import RuleTarget, ScheduleRule, interval_seconds
from local.errors import AssemblyError
from local.functions.scheduler import Scheduler, build_scheduled_event

ARN = "arn:aws:events:us-east-1:123456789012:rule/Nightly"


def rule(expression: str) -> ScheduleRule:
    targets = (RuleTarget("arn:function"), RuleTarget("arn:other", '{"a": 1}'))
    return ScheduleRule("Stack/Nightly (AWS::Events::Rule)", ARN, expression, targets)


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [("rate(1 minute)", 60), ("rate(6 hours)", 21_600), ("rate(2 days)", 172_800)],
)
def test_rates(expression: str, seconds: int) -> None:
    assert interval_seconds(rule(expression)) == seconds


@pytest.mark.parametrize("expression", ["cron(0 3 * * ? *)", "rate(0 hours)", "hourly"])
def test_what_cannot_be_run_is_named(expression: str) -> None:
    with pytest.raises(AssemblyError, match="Nightly"):
        interval_seconds(rule(expression))


def test_the_event_names_its_rule() -> None:
    event = build_scheduled_event(rule("rate(1 day)"))
    assert (event["source"], event["resources"]) == ("aws.events", [ARN])
    assert (event["account"], event["region"]) == ("123456789012", "us-east-1")


def test_targets_are_called_at_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[tuple[str, bytes]] = []

    async def run() -> None:
        monkeypatch.setattr("local.functions.scheduler.interval_seconds", lambda _: 0.01)
        schedule = Scheduler((rule("rate(1 day)"),), lambda *call: called.append(call))
        while len(called) < 4:
            await asyncio.sleep(0.01)
        await schedule.close()

    asyncio.run(run())
    assert {arn for arn, _ in called} == {"arn:function", "arn:other"}
    # A target with an event of its own gets it, in place of the schedule's.
    assert {event for arn, event in called if arn == "arn:other"} == {b'{"a": 1}'}
    assert json.loads(dict(called)["arn:function"])["source"] == "aws.events"
