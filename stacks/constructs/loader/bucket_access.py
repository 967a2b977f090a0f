"""Access of the loader's functions to the model bucket, and the events that it sends them."""

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications

from stacks.constructs.functions.deployment_function import give_own_log
from stacks.constructs.functions.function_findings import FUNCTION_FINDINGS
from stacks.constructs.loader.loader_function import LoaderFunction
from stacks.constructs.security.findings import accept, wildcard_finding

# CDK adds a function with this id. It sets the bucket's notifications during a deployment.
NOTIFICATIONS_HANDLER = "BucketNotificationsHandler050a0587b7544547bf325f094a3db834"


def grant_read(step: LoaderFunction, bucket: s3.IBucket, *list_actions: str) -> None:
    """Lets a function read objects and list the bucket.

    S3 answers 403 for a missing object to a caller that may not list the bucket.
    """
    role = step.identity.role
    role.add_to_policy(
        iam.PolicyStatement(
            actions=["s3:GetObject", "s3:GetObjectVersion"],
            resources=[bucket.arn_for_objects("*")],
        )
    )
    if bucket.encryption_key:
        role.add_to_policy(
            iam.PolicyStatement(actions=["kms:Decrypt"], resources=[bucket.encryption_key.key_arn])
        )
    accept(role, {wildcard_finding(bucket, "/*"): "Every object of it may be a model."})
    role.add_to_policy(
        iam.PolicyStatement(actions=list(list_actions), resources=[bucket.bucket_arn])
    )
    # The gateway endpoint is the only way out of the network, and it leads to S3. S3's prefix
    # list would be narrower than any address, but it takes a look-up at synth.
    step.identity.security_group.add_egress_rule(
        ec2.Peer.any_ipv4(), ec2.Port.HTTPS, "S3 through the gateway endpoint"
    )


def notify(step: LoaderFunction, bucket: s3.IBucket) -> None:
    """Lets the bucket invoke a function for each created and each removed object."""
    on_event = notifications.LambdaDestination(step.function)
    bucket.add_event_notification(s3.EventType.OBJECT_CREATED, on_event)
    bucket.add_event_notification(s3.EventType.OBJECT_REMOVED, on_event)
    handler = Stack.of(step).node.find_child(NOTIFICATIONS_HANDLER)
    give_own_log(handler)
    accept(
        handler,
        {
            "CKV_AWS_115": FUNCTION_FINDINGS["CKV_AWS_115"],
            "CKV_AWS_116": "CloudFormation waits for it, and says when it fails.",
            "CKV_AWS_117": "It calls S3's control plane, which the network can't reach.",
        },
    )
