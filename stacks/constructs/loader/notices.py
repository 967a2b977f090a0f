"""Who is told what became of an upload."""

from aws_cdk import Aws, Duration, Size
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.constructs.functions.destination import send_through, to_queue
from stacks.constructs.functions.function_identity import (
    FUNCTION_FINDINGS,
    RUNTIME_FINDINGS,
    FunctionIdentity,
)
from stacks.constructs.functions.serving_image import ARCHITECTURES
from stacks.constructs.functions.zip_code import zip_code
from stacks.constructs.security.findings import accept
from stacks.settings.settings import Settings


class Notices(Construct):
    """A topic, the function that writes to it, and an alarm for what nobody could handle.

    Attributes:
        topic: one message for each activation, rejection, rollback and withdrawal.
        function: turns what `publish` answers into these messages.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        failures: sqs.Queue,
        key: kms.IKey | None,
        settings: Settings,
    ) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Topic", enforce_ssl=True, master_key=key)
        # Outside of the network, which has no way to SNS.
        identity = FunctionIdentity(self, "Identity")
        identity.role.add_to_policy(
            iam.PolicyStatement(actions=["sns:Publish"], resources=[self.topic.topic_arn])
        )
        if key:
            identity.role.add_to_policy(send_through(key))
        else:
            accept(
                self.topic, {"CKV_AWS_26": "Names and versions of models; kms=on encrypts them."}
            )
        self.function = lambda_.Function(
            self,
            "Function",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=ARCHITECTURES[settings.architecture],
            code=zip_code("notifier"),
            handler="notifier.handler.handler",
            memory_size=256,
            timeout=Duration.minutes(1),
            ephemeral_storage_size=Size.mebibytes(512),
            environment={"TOPIC_ARN": self.topic.topic_arn, "LOG_LEVEL": settings.log_level},
            role=identity.role,
            log_group=identity.log_group,
        )
        outside = {"CKV_AWS_117": "Stands outside: the network has no way to SNS."}
        accept(self.function, {**FUNCTION_FINDINGS, **RUNTIME_FINDINGS, **outside})
        self.function.configure_async_invoke(retry_attempts=2, on_failure=to_queue(failures))
        self._watch(failures)

    def _watch(self, failures: sqs.Queue) -> None:
        alarm = cloudwatch.Alarm(
            self,
            "FailuresAlarm",
            metric=failures.metric_approximate_number_of_messages_visible(
                period=Duration.minutes(5), statistic="Maximum"
            ),
            threshold=0,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description="An event could not be handled: see `modelmount redrive`.",
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        # A trap: a topic's own policy replaces SNS's, which let every service of the account in.
        self.topic.add_to_resource_policy(_let_publish(self.topic, alarm))


def _let_publish(topic: sns.ITopic, alarm: cloudwatch.IAlarm) -> iam.PolicyStatement:
    """https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger."""
    return iam.PolicyStatement(
        sid="LetAlarmPublish",
        principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
        actions=["sns:Publish"],
        resources=[topic.topic_arn],
        conditions={
            "ArnEquals": {"aws:SourceArn": alarm.alarm_arn},
            "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
        },
    )
