"""Where models are kept, and the way from an upload to a published model."""

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from stacks.constructs.model_bucket import ModelBucket
from stacks.constructs.model_loader import ModelLoader
from stacks.constructs.model_store import ModelStore
from stacks.constructs.network import Network
from stacks.settings import Settings


class StorageStack(Stack):
    """Network, bucket, file system and loader.

    Attributes:
        network: where functions that mount the file system go.
        model_store: the file system and its access points.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(
            scope, construct_id, description="Modelmount: models from upload to published"
        )
        bucket = ModelBucket(self, "ModelBucket", bucket_name=settings.bucket_name).bucket
        self.network = Network(
            self,
            "Network",
            bucket=bucket,
            vpc_id=settings.vpc_id,
            subnet_ids=settings.subnet_ids,
        )
        self.model_store = ModelStore(self, "ModelStore", network=self.network, settings=settings)
        loader = ModelLoader(
            self,
            "ModelLoader",
            network=self.network,
            model_store=self.model_store,
            bucket=bucket,
            settings=settings,
        )
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
