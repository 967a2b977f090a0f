"""Calls on a schedule that keep functions from falling idle."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

INTERVAL = Duration.days(3)
TARGETS_OF_A_RULE = 5
# What a load balancer would ask; no model is loaded for it.
HEALTH_REQUEST = {
    "httpMethod": "GET",
    "path": "/v2/health/live",
    "headers": {},
    "body": "",
    "isBase64Encoded": False,
}
NO_UPLOADS: dict[str, list[object]] = {"Records": []}


class KeepAlive(Construct):
    """Sends `event` to each function every few days.

    Lambda takes the network interfaces of a function that was idle for weeks, and the next call
    fails. https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        functions: Sequence[lambda_.IFunction],
        event: Mapping[str, Any],
    ) -> None:
        super().__init__(scope, construct_id)
        message = events.RuleTargetInput.from_object(dict(event))
        for start in range(0, len(functions), TARGETS_OF_A_RULE):
            events.Rule(
                self,
                f"Rule{start // TARGETS_OF_A_RULE}",
                schedule=events.Schedule.rate(INTERVAL),
                targets=[
                    targets.LambdaFunction(function, event=message)
                    for function in functions[start : start + TARGETS_OF_A_RULE]
                ],
            )
