"""Whether the account takes the stacks, and whether a second deployment changes nothing."""

from first_deploy.check import Check, check
from first_deploy.deployment import DeploymentFailed
from first_deploy.documentation import CDK, LAMBDA_NETWORK, LAMBDA_QUOTAS, adr
from first_deploy.result import Differs
from first_deploy.stage import Stage

FEWEST_EXECUTIONS = 10
ROOMY_EXECUTIONS = 1000


@check(
    1,
    "The account may run functions side by side",
    expected=f"{FEWEST_EXECUTIONS} executions or more; most accounts have {ROOMY_EXECUTIONS}",
    rests_on=(LAMBDA_QUOTAS,),
    aws_alone="there is no account",
)
def account_quota(stage: Stage) -> str:
    """Ask Lambda for the account's limits."""
    limits = stage.aws.client("lambda").get_account_settings()["AccountLimit"]
    executions = limits["ConcurrentExecutions"]
    told = f"{executions} executions at once, {limits['UnreservedConcurrentExecutions']} unreserved"
    if executions < FEWEST_EXECUTIONS:
        raise Differs(told)
    return told


@check(
    2,
    "CloudFormation takes the stacks",
    expected="deployed; a new account takes it with `memory_mb` 3008 or less",
    rests_on=(CDK, LAMBDA_QUOTAS, adr(34)),
    here="CloudFormation: the local system reads the same templates",
)
def deployed(stage: Stage) -> str:
    """Deploy."""
    try:
        stage.deployment.deploy()
    except DeploymentFailed as error:
        raise Differs(str(error)) from error
    return f"the API is {stage.access.api}"


@check(
    3,
    "A second deployment changes nothing",
    expected="`cdk diff` finds no difference",
    rests_on=(CDK,),
    needs=(2,),
    aws_alone="there is no CloudFormation to compare with",
)
def no_difference(stage: Stage) -> str:
    """Compare the templates with what is deployed."""
    try:
        stage.aws.difference()
    except DeploymentFailed as error:
        raise Differs(str(error)) from error
    return "no difference"


# Done last, whatever else happened: `first_deploy.runner` does it.
DESTROYED = Check(
    30,
    "Nothing is left",
    "all stacks are gone within 40 minutes, and nothing has the stage's tag",
    (LAMBDA_NETWORK, "docs/first-deploy.md#what-stays"),
    None,
    here="CloudFormation, and how long network interfaces take to go",
)
