"""Where models are kept, and the way from an upload to a published model."""

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from stacks.constructs.loader.model_loader import ModelLoader
from stacks.constructs.network.network import Network
from stacks.constructs.security.encryption_key import EncryptionKey, encrypt_logs
from stacks.constructs.storage.model_bucket import ModelBucket
from stacks.constructs.storage.model_store import ModelStore
from stacks.settings.settings import Settings


class StorageStack(Stack):
    """Network, bucket, file system and loader.

    Attributes:
        network: where functions that mount the file system go.
        model_store: the file system and its access points.
        key: what encrypts all that is kept; None for AWS's own keys.
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
            flow_logs=settings.flow_logs == "on",
        )
        self.model_store = ModelStore(
            self, "ModelStore", network=self.network, key=self.key, settings=settings
        )
        loader = ModelLoader(
            self,
            "ModelLoader",
            network=self.network,
            model_store=self.model_store,
            bucket=bucket,
            key=self.key,
            settings=settings,
        )
        encrypt_logs(self, self.key)
        CfnOutput(self, "BucketName", value=bucket.bucket_name, description="Upload models here")
        CfnOutput(
            self,
            "FileSystemId",
            value=self.model_store.file_system.file_system_id,
            description="Where models are served from",
        )
        CfnOutput(
            self,
            "OperationsFunctionName",
            value=loader.publish.function.function_name,
            description="Takes the operations of the command line",
        )
        CfnOutput(
            self,
            "ReconcileFunctionName",
            value=loader.reconcile.function.function_name,
            description="Compares bucket and file system when invoked",
        )
        CfnOutput(
            self,
            "FailuresQueueUrl",
            value=loader.failures.queue_url,
            description="Events that could not be handled",
        )
        CfnOutput(
            self,
            "NoticesTopicArn",
            value=loader.notices.topic.topic_arn,
            description="Subscribe here to hear what became of uploads",
        )
