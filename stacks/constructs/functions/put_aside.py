"""Notices of versions that inference puts aside for their failures."""

from collections.abc import Sequence

from aws_cdk import ArnFormat, Aws, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

# What the function's log says of it; as a filter pattern, a word that a line has.
WORD = "MODEL_PUT_ASIDE"


class PutAside(Construct):
    """Hands the lines of functions' logs that tell of it to the function that sends notices.

    Inference has no way to SNS, and writes nothing but its log. CloudWatch Logs calls the notifier:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        log_groups: Sequence[logs.ILogGroup],
        notifier: lambda_.IFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        # In this stack: the notifier's own would have to know this stack's logs. CloudFormation
        # names these after the stack, so one permission is for all.
        permission = lambda_.CfnPermission(
            self,
            "Permission",
            action="lambda:InvokeFunction",
            function_name=notifier.function_arn,
            principal="logs.amazonaws.com",
            source_arn=Stack.of(self).format_arn(
                service="logs",
                resource="log-group",
                resource_name=f"{Aws.STACK_NAME}-*",
                arn_format=ArnFormat.COLON_RESOURCE_NAME,
            ),
            source_account=Aws.ACCOUNT_ID,
        )
        for number, log_group in enumerate(log_groups):
            subscription = logs.CfnSubscriptionFilter(
                self,
                f"Subscription{number}",
                log_group_name=log_group.log_group_name,
                filter_pattern=WORD,
                destination_arn=notifier.function_arn,
            )
            # CloudWatch Logs tries the call when the subscription is made.
            subscription.add_resource_dependency(permission)
