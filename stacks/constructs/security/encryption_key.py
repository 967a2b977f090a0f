"""The customer's own key, for all that is kept, where the setting `kms` asks for one."""

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from stacks.constructs.security.findings import accept

USE = ["kms:Decrypt", "kms:GenerateDataKey*"]


class EncryptionKey(Construct):
    """A key that rotates, and outlives its stack as the bucket does.

    Attributes:
        key: what encrypts bucket, file system, queue, topic and logs.
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
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
        context = "kms:EncryptionContext:aws:logs:arn"
        groups = stack.format_arn(
            service="logs",
            resource="log-group",
            resource_name="*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        self._let(
            f"logs.{stack.region}.amazonaws.com",
            ["kms:Encrypt*", "kms:ReEncrypt*", "kms:Describe*", *USE],
            {"ArnLike": {context: groups}},
        )
        # The alarm speaks to the topic.
        self._let(
            "cloudwatch.amazonaws.com",
            USE,
            {"StringEquals": {"aws:SourceAccount": stack.account}},
        )

    def _let(self, service: str, actions: list[str], conditions: dict[str, dict[str, str]]) -> None:
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal(service)],
                actions=actions,
                resources=["*"],
                conditions=conditions,
            )
        )


def encrypt_logs(scope: IConstruct, key: kms.IKey | None) -> None:
    """Encrypt every log group below `scope` with `key`; without one, say why it is well so."""
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
