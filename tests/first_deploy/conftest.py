"""An account that is moto's, and a CDK command line that makes its stacks there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import moto
import pytest

from first_deploy.aws_deployment import AwsDeployment
from first_deploy.deployment import DeploymentFailed
from first_deploy.journal import Journal

OUTPUTS: dict[str, dict[str, Any]] = {
    "Storage": {
        "BucketName": {"Value": {"Ref": "ModelBucket"}},
        "OperationsFunctionName": {"Value": "publish"},
        "ReconcileFunctionName": {"Value": "reconcile"},
        "FailuresQueueUrl": {"Value": "https://sqs/failures"},
        "NoticesTopicArn": {"Value": "arn:aws:sns:us-east-1:1:notices"},
    },
    "Inference": {"ApiUrl": {"Value": "https://abc.execute-api.us-east-1.amazonaws.com/first/"}},
}


class FakeCdk:
    """What `cdk` does to an account, as far as it matters here: a bucket is kept."""

    def __init__(self, stage: str) -> None:
        self.stage = stage
        self.ran: list[tuple[str, ...]] = []
        self.fails = ""

    def run(self, *arguments: str) -> str:
        self.ran.append(arguments)
        if arguments[0] == self.fails:
            raise DeploymentFailed(f"cdk {self.fails} failed")
        client: Any = boto3.client("cloudformation")
        for name, outputs in OUTPUTS.items():
            stack = f"Modelmount-{self.stage}-{name}"
            if arguments[0] == "deploy":
                tags = [text.partition("=") for text in arguments if "=" in text]
                client.create_stack(
                    StackName=stack,
                    TemplateBody=json.dumps(self._template(name, outputs)),
                    Tags=[{"Key": k, "Value": v} for k, _, v in tags],
                )
            elif arguments[0] == "destroy":
                client.delete_stack(StackName=stack)
        return ""

    def _template(self, name: str, outputs: dict[str, Any]) -> dict[str, Any]:
        tags = [{"Key": "stage", "Value": self.stage}]
        bucket = {
            "Type": "AWS::S3::Bucket",
            "DeletionPolicy": "Retain",
            "Properties": {"VersioningConfiguration": {"Status": "Enabled"}, "Tags": tags},
        }
        nothing = {"Type": "AWS::SNS::Topic"}
        resources = {"ModelBucket": bucket} if name == "Storage" else {"Nothing": nothing}
        return {"Resources": resources, "Outputs": outputs}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with moto.mock_aws():
        yield


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal.open(tmp_path / "journal", "first-moto")


@pytest.fixture
def cdk(journal: Journal) -> FakeCdk:
    return FakeCdk(journal.stage)


@pytest.fixture
def deployment(account: None, journal: Journal, cdk: FakeCdk) -> AwsDeployment:
    fake: Any = cdk
    return AwsDeployment(journal, {}, fake, settle_seconds=0)
