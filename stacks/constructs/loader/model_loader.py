"""The loader: what happens between an upload and a model that is served."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.constructs.functions.destination import to_function, to_queue
from stacks.constructs.functions.function_identity import FUNCTION_FINDINGS
from stacks.constructs.functions.image_function import ImageFunction
from stacks.constructs.loader.loader_function import LoaderFunction
from stacks.constructs.loader.notices import Notices
from stacks.constructs.network.network import Network
from stacks.constructs.security.findings import accept, wildcard
from stacks.constructs.storage.model_store import MOUNT_PATH, ModelStore
from stacks.settings.settings import Settings

# The function that CDK brings to set the bucket's notifications, while it deploys.
NOTIFICATIONS_HANDLER = "BucketNotificationsHandler050a0587b7544547bf325f094a3db834"


class ModelLoader(Construct):
    """The chain stage → preparer → publish → notices, started by the bucket.

    Attributes:
        stage: copies an upload to the file system.
        preparer: loads and checks it.
        reconcile: on a schedule, compares bucket and file system and starts what is missing.
        publish: makes it the one that is served, or records why not.
        failures: what `publish` itself couldn't do.
        notices: who is told of what it did.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        network: Network,
        model_store: ModelStore,
        bucket: s3.IBucket,
        key: kms.IKey | None,
        settings: Settings,
    ) -> None:
        super().__init__(scope, construct_id)
        self.stage = LoaderFunction(
            self,
            "Stage",
            handler="loader.handler.stage",
            # Network bandwidth grows with memory; 1,769 MB is one whole processor.
            memory_mb=1769,
            environment={"MAX_MODEL_BYTES": str(settings.max_model_bytes)},
            network=network,
            model_store=model_store,
            settings=settings,
        )
        self.preparer = ImageFunction(
            self,
            "Preparer",
            handler="preparer.handler.handler",
            timeout=Duration.minutes(15),
            environment={
                "CANDIDATES_DIR": MOUNT_PATH,
                "TRUSTED_FORMATS": ",".join(settings.trusted_formats),
                "COMPILE_SECONDS": str(settings.compile_seconds),
            },
            filesystem=model_store.mount(model_store.candidates, writable=True),
            network=network,
            settings=settings,
        )
        self.publish = LoaderFunction(
            self,
            "Publish",
            handler="loader.handler.publish",
            memory_mb=512,
            environment={"RETAIN_VERSIONS": str(settings.retain_versions)},
            network=network,
            model_store=model_store,
            settings=settings,
        )
        self.reconcile = LoaderFunction(
            self,
            "Reconcile",
            handler="loader.handler.reconcile",
            memory_mb=1769,
            environment={
                "BUCKET_NAME": bucket.bucket_name,
                "MAX_MODEL_BYTES": str(settings.max_model_bytes),
            },
            network=network,
            model_store=model_store,
            settings=settings,
        )
        self.failures = self._queue(key)
        self.notices = Notices(self, "Notices", failures=self.failures, key=key, settings=settings)
        self._chain()
        self._on_upload(bucket)
        self._on_schedule(bucket, Duration.hours(settings.reconcile_hours))
        model_store.deny_write_except(
            *(
                step.identity.role
                for step in (self.stage, self.preparer, self.publish, self.reconcile)
            )
        )

    def _queue(self, key: kms.IKey | None) -> sqs.Queue:
        queue = sqs.Queue(
            self,
            "Failures",
            encryption=sqs.QueueEncryption.KMS if key else sqs.QueueEncryption.SQS_MANAGED,
            encryption_master_key=key,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        accept(queue, {"AwsSolutions-SQS3": "It is where dead letters go itself."})
        if key is None:
            accept(queue, {"CKV_AWS_27": "Encrypted by SQS itself, which the check doesn't know."})
        return queue

    def _chain(self) -> None:
        to_preparer = to_function(self.preparer.function)
        to_publish = to_function(self.publish.function)
        to_failures = to_queue(self.failures)
        self.stage.function.configure_async_invoke(
            retry_attempts=2, on_success=to_preparer, on_failure=to_publish
        )
        self.reconcile.function.configure_async_invoke(
            retry_attempts=0,
            on_success=to_preparer,
            on_failure=to_failures,
        )
        # What fails to load a model once will mostly fail again, minutes later: one retry.
        self.preparer.function.configure_async_invoke(
            retry_attempts=1, on_success=to_publish, on_failure=to_publish
        )
        self.publish.function.configure_async_invoke(
            retry_attempts=2,
            on_success=to_function(self.notices.function),
            on_failure=to_failures,
        )

    def _on_upload(self, bucket: s3.IBucket) -> None:
        _let_read(self.stage, bucket, "s3:ListBucket")
        on_event = notifications.LambdaDestination(self.stage.function)
        bucket.add_event_notification(s3.EventType.OBJECT_CREATED, on_event)
        bucket.add_event_notification(s3.EventType.OBJECT_REMOVED, on_event)
        handler = Stack.of(self).node.find_child(NOTIFICATIONS_HANDLER)
        policy = (
            "Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
        )
        accept(handler, {f"AwsSolutions-IAM4[{policy}]": "CDK's own: it may write its log."})
        accept(
            handler,
            {
                "CKV_AWS_115": FUNCTION_FINDINGS["CKV_AWS_115"],
                "CKV_AWS_116": "CloudFormation waits for it, and says when it fails.",
                "CKV_AWS_117": "It calls S3's control plane, which the network can't reach.",
            },
        )

    def _on_schedule(self, bucket: s3.IBucket, interval: Duration) -> None:
        _let_read(self.reconcile, bucket, "s3:ListBucket", "s3:ListBucketVersions")
        events.Rule(
            self,
            "Schedule",
            schedule=events.Schedule.rate(interval),
            targets=[targets.LambdaFunction(self.reconcile.function)],
        )


def _let_read(step: LoaderFunction, bucket: s3.IBucket, *list_actions: str) -> None:
    """Let a function read objects, and list the bucket: else a vanished object answers 403."""
    step.identity.role.add_to_policy(
        iam.PolicyStatement(
            actions=["s3:GetObject", "s3:GetObjectVersion"],
            resources=[bucket.arn_for_objects("*")],
        )
    )
    if bucket.encryption_key:
        step.identity.role.add_to_policy(
            iam.PolicyStatement(actions=["kms:Decrypt"], resources=[bucket.encryption_key.key_arn])
        )
    accept(step.identity.role, {wildcard(bucket, "/*"): "Every object of it may be a model."})
    step.identity.role.add_to_policy(
        iam.PolicyStatement(actions=list(list_actions), resources=[bucket.bucket_arn])
    )
    # The gateway endpoint takes it to S3. Naming S3's prefix list instead of any address
    # would need a look-up at synth, and the network has no other way out.
    step.identity.security_group.add_egress_rule(
        ec2.Peer.any_ipv4(), ec2.Port.HTTPS, "S3 through the gateway endpoint"
    )
