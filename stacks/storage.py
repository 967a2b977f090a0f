"""The stack that keeps models, and that publishes uploads."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.constructs.loader.model_loader import ModelLoader
from stacks.constructs.network.network import Network
from stacks.constructs.security.encryption_key import EncryptionKey, encrypt_logs
from stacks.constructs.storage.burst_credits_alarm import BurstCreditsAlarm
from stacks.constructs.storage.model_bucket import ModelBucket
from stacks.constructs.storage.model_store import ModelStore
from stacks.settings.settings import Settings


class StorageStack(Stack):
    """Network, bucket, file system and loader.

    Attributes:
        network: the network of all functions that mount the file system.
        model_store: the file system and its access points.
        key: encrypts everything that is kept; None for AWS's own keys.
        notifier: the function that sends notices.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(
            scope, construct_id, description="Modelmount: models from upload to published"
        )
        self.key = EncryptionKey(self, "EncryptionKey").key if settings.kms == "on" else None
        bucket = ModelBucket(
            self, "ModelBucket", bucket_name=settings.bucket_name, key=self.key
        ).bucket
        self.network = Network(
            self,
            "Network",
            bucket=bucket,
            vpc_id=settings.vpc_id,
            subnet_ids=settings.subnet_ids,
            availability_zones=settings.availability_zones,
            flow_logs=settings.flow_logs == "on",
        )
        self.model_store = ModelStore(
            self, "ModelStore", network=self.network, key=self.key, settings=settings
        )
        loader = self._loader(bucket, settings)
        self.notifier = loader.notices.function
        if settings.throughput_mode == "bursting":
            loader.notices.hear(
                BurstCreditsAlarm(
                    self, "BurstCreditsAlarm", file_system=self.model_store.file_system
                )
            )
        encrypt_logs(self, self.key)
        self._output("BucketName", bucket.bucket_name, "Upload models here")
        self._output(
            "FileSystemId",
            self.model_store.file_system.file_system_id,
            "Where models are served from",
        )
        self._output_loader(loader)

    def _loader(self, bucket: s3.IBucket, settings: Settings) -> ModelLoader:
        return ModelLoader(
            self,
            "ModelLoader",
            network=self.network,
            model_store=self.model_store,
            bucket=bucket,
            key=self.key,
            settings=settings,
        )

    def _output_loader(self, loader: ModelLoader) -> None:
        self._output(
            "OperationsFunctionName",
            loader.publish.function.function_name,
            "Takes the operations of the command line",
        )
        self._output(
            "ReconcileFunctionName",
            loader.reconcile.function.function_name,
            "Compares bucket and file system when invoked",
        )
        self._output(
            "FailuresQueueUrl", loader.failures.queue_url, "Events that could not be handled"
        )
        self._output(
            "NoticesTopicArn",
            loader.notices.topic.topic_arn,
            "Subscribe here to hear what became of uploads",
        )

    def _output(self, name: str, value: str, description: str) -> None:
        CfnOutput(self, name, value=value, description=description)
