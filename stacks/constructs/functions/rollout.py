"""A new version of a function takes over in steps, and an alarm brings the old one back."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.security.findings import accept

# Per minute. One request that fails, and is tried again, is no reason to go back.
ERRORS = 3
CONFIGS = {
    "canary": codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES,
    "linear": codedeploy.LambdaDeploymentConfig.LINEAR_10_PERCENT_EVERY_1_MINUTE,
}
MANAGED = (
    "Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited"
)
MANAGED_REASON = "What AWS made for this purpose alone: it shifts aliases, and reads alarms."


class Rollout(Construct):
    """Shifts each alias to its new version as the setting `rollout` says.

    One alarm is for all: a release changes all functions. It counts the API's answers, among which
    a function's crash and its time-out are. Lambda's own metric misses the errors that are answers.

    Args:
        server_errors: the answers with 5xx of the API that the functions are behind.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        kind: str,
        aliases: Sequence[lambda_.Alias],
        server_errors: cloudwatch.Metric,
    ) -> None:
        super().__init__(scope, construct_id)
        application = codedeploy.LambdaApplication(self, "Application")
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"))
        accept(role, {f"AwsSolutions-IAM4[{MANAGED}]": MANAGED_REASON})
        alarm = self._alarm(server_errors)
        for number, alias in enumerate(aliases):
            codedeploy.LambdaDeploymentGroup(
                self,
                f"Function{number}",
                alias=alias,
                application=application,
                role=role,
                deployment_config=CONFIGS[kind],
                alarms=[alarm],
            )

    def _alarm(self, server_errors: cloudwatch.Metric) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            "ServerErrors",
            metric=server_errors,
            threshold=ERRORS,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description="The API answers with errors: a release that rolls out goes back.",
        )
