"""Notices of the results of uploads."""

from aws_cdk import Aws, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.constructs.functions.destination import to_queue
from stacks.constructs.functions.function_findings import FUNCTION_FINDINGS, RUNTIME_FINDINGS
from stacks.constructs.functions.function_identity import FunctionIdentity
from stacks.constructs.functions.zip_function import ZipFunction
from stacks.constructs.security.encryption_key import producer_statement
from stacks.constructs.security.findings import accept
from stacks.settings.settings import Settings

FINDINGS = {
    **FUNCTION_FINDINGS,
    **RUNTIME_FINDINGS,
    "CKV_AWS_117": "Stands outside: the network has no way to SNS.",
}


class Notices(Construct):
    """A topic, the function that publishes to it, and an alarm for events that nobody handled.

    Attributes:
        topic: receives a message for each activation, rejection, rollback and withdrawal.
        function: turns the results of `publish` into these messages.
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
        # The function is outside of the network, which has no way to SNS.
        identity = FunctionIdentity(self, "Identity")
        self._allow_publish(identity.role, key)
        self.function = ZipFunction(
            self,
            "Function",
            handler="notifier.handler.handler",
            memory_mb=256,
            timeout=Duration.minutes(1),
            environment={"TOPIC_ARN": self.topic.topic_arn},
            identity=identity,
            settings=settings,
        )
        accept(self.function, FINDINGS)
        self.function.configure_async_invoke(retry_attempts=2, on_failure=to_queue(failures))
        self._watch(failures)

    def _allow_publish(self, role: iam.Role, key: kms.IKey | None) -> None:
        role.add_to_policy(
            iam.PolicyStatement(actions=["sns:Publish"], resources=[self.topic.topic_arn])
        )
        if key:
            role.add_to_policy(producer_statement(key))
        else:
            accept(
                self.topic, {"CKV_AWS_26": "Names and versions of models; kms=on encrypts them."}
            )

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
        self.hear(alarm)

    def hear(self, alarm: cloudwatch.Alarm) -> None:
        """Sends the alarm to the topic."""
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        # A trap: the topic's own policy replaces the default, which lets in the whole account.
        self.topic.add_to_resource_policy(_alarm_statement(self.topic, alarm))


def _alarm_statement(topic: sns.ITopic, alarm: cloudwatch.IAlarm) -> iam.PolicyStatement:
    """Returns the permission of the alarm to publish to the topic.

    https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger
    """
    return iam.PolicyStatement(
        sid=f"Let{alarm.node.id}Publish",
        principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
        actions=["sns:Publish"],
        resources=[topic.topic_arn],
        conditions={
            "ArnEquals": {"aws:SourceArn": alarm.alarm_arn},
            "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
        },
    )
