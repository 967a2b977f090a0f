"""What becomes of a release that the alarm goes off in."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from first_deploy.asking import inferred
from first_deploy.check import check
from first_deploy.deployment import DeploymentFailed
from first_deploy.documentation import CODEDEPLOY_ALARMS, adr
from first_deploy.models import COMPILED
from first_deploy.result import Differs
from first_deploy.stage import Stage, wait

ALIAS = "live"
INFERENCE, ALARM = "InferenceFunction", "RolloutServerErrors"
BEGUN_SECONDS = 1200.0
ASK_SECONDS = 1.0
UNDER_WAY = ["Created", "Queued", "InProgress", "Baking", "Ready"]


@check(
    36,
    "An alarm brings a release back",
    expected="the old version answers again, CloudFormation rolls back, no request fails",
    rests_on=(CODEDEPLOY_ALARMS, adr(30)),
    needs=(10,),
    aws_alone="there is no CodeDeploy, and no CloudFormation that waits for it",
)
def brought_back(stage: Stage) -> str:
    """Deploy with `rollout`, release a change, set the alarm off, and look who answers."""
    aws = stage.aws
    aws.deploy(rollout="canary")
    name = aws.function(INFERENCE)["Configuration"]["FunctionName"]
    before = _served(stage, name)
    alarm = aws.physical_id("AWS::CloudWatch::Alarm", ALARM)
    with ThreadPoolExecutor(1) as executor:
        release = executor.submit(aws.deploy, rollout="canary", refresh_seconds="3")
        wait(lambda: _begun(stage, release), BEGUN_SECONDS, "no release began")
        calls = _ask_in_alarm(stage, alarm, release)
        failure = release.exception()
    after = _served(stage, name)
    told = f"version {before} before, {after} after, {calls} calls answered meanwhile"
    if after != before or not isinstance(failure, DeploymentFailed):
        raise Differs(f"{told}; the release ended with {failure!r}")
    return told


def _served(stage: Stage, function: str) -> str:
    alias = stage.aws.client("lambda").get_alias(FunctionName=function, Name=ALIAS)
    return str(alias["FunctionVersion"])


def _begun(stage: Stage, release: "Future[None]") -> str | None:
    """Return a deployment under way; raise Differs where the release ended without one."""
    client: Any = stage.aws.client("codedeploy")
    application = stage.aws.physical_id("AWS::CodeDeploy::Application", "RolloutApplication")
    groups = client.list_deployment_groups(applicationName=application)["deploymentGroups"]
    for group in groups:
        found = client.list_deployments(
            applicationName=application, deploymentGroupName=group, includeOnlyStatuses=UNDER_WAY
        )["deployments"]
        if found:
            return str(found[0])
    if release.done():
        raise Differs(f"the release ended before it shifted anything: {release.exception()!r}")
    return None


def _ask_in_alarm(stage: Stage, alarm: str, release: "Future[None]") -> int:
    """Ask until the release ends; return how many calls were answered. One that fails differs.

    CloudWatch takes a state that was set back at its next look, so it is set again and again.
    """
    _, rows, _ = COMPILED.upload(1)
    alarms, calls = stage.aws.client("cloudwatch"), 0
    while not release.done():
        alarms.set_alarm_state(
            AlarmName=alarm, StateValue="ALARM", StateReason="first-deploy sets it off"
        )
        inferred(stage, COMPILED, rows)
        calls += 1
        time.sleep(ASK_SECONDS)
    return calls
