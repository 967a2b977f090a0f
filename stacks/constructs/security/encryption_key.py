"""The customer's own key, which the setting `kms` asks for."""

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from stacks.constructs.security.findings import accept

USE = ["kms:Decrypt", "kms:GenerateDataKey*"]


class EncryptionKey(Construct):
    """A key that rotates, and that outlives its stack as the bucket does.

    Attributes:
        key: encrypts the bucket, the file system, the queue, the topics and the logs.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        self.key = kms.Key(
            self,
            "Key",
            description=f"What {stack.stack_name} keeps",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        self._allow_logs()
        # CloudWatch publishes the alarm to the encrypted topic.
        self._allow(
            "cloudwatch.amazonaws.com", USE, {"StringEquals": {"aws:SourceAccount": stack.account}}
        )

    def _allow_logs(self) -> None:
        """Lets CloudWatch Logs encrypt the log groups of the account.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
        """
        stack = Stack.of(self)
        groups = stack.format_arn(
            service="logs",
            resource="log-group",
            resource_name="*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        self._allow(
            f"logs.{stack.region}.amazonaws.com",
            ["kms:Encrypt*", "kms:ReEncrypt*", "kms:Describe*", *USE],
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
        )

    def _allow(
        self, service: str, actions: list[str], conditions: dict[str, dict[str, str]]
    ) -> None:
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(service)],
                actions=actions,
                resources=["*"],
                conditions=conditions,
            )
        )


def producer_statement(key: kms.IKey) -> iam.PolicyStatement:
    """Returns the permission to send messages to a queue or topic that `key` encrypts."""
    return iam.PolicyStatement(
        actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[key.key_arn]
    )


def encrypt_logs(scope: IConstruct, key: kms.IKey | None) -> None:
    """Encrypts every log group below `scope` with `key`, or accepts the finding without one."""
    for child in scope.node.find_all():
        if not isinstance(child, logs.CfnLogGroup):
            continue
        if key:
            child.kms_key_id = key.key_arn
        else:
            accept(
                child,
                {"CKV_AWS_158": "Encrypted by CloudWatch Logs; kms=on: by one's own key."},
            )
