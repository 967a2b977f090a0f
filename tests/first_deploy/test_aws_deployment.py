"""A stage in an account: found, told from others, and removed with what it would leave behind."""

from typing import Any

import boto3
import pytest

from first_deploy.aws_deployment import AwsDeployment
from first_deploy.deployment import DeploymentFailed
from first_deploy.journal import Journal
from tests.first_deploy.conftest import FakeCdk

pytestmark = pytest.mark.slow


def client(service: str) -> Any:
    session: Any = boto3
    return session.client(service)


def stacks() -> list[str]:
    gone = "DELETE_COMPLETE"
    found = client("cloudformation").list_stacks()["StackSummaries"]
    return sorted(s["StackName"] for s in found if s["StackStatus"] != gone)


def test_the_place_is_told(deployment: AwsDeployment) -> None:
    assert "Stage first-moto in account 123456789012, region us-east-1" in deployment.describe()


def test_a_region_is_needed(account: None, journal: Journal, monkeypatch: Any) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(DeploymentFailed, match="AWS_REGION"):
        AwsDeployment(journal, {}).describe()


def test_the_stage_is_found_by_its_outputs(deployment: AwsDeployment) -> None:
    deployment.deploy()
    access = deployment.access()
    assert access.api == "https://abc.execute-api.us-east-1.amazonaws.com/first"
    assert access.target.operations_function == "publish"
    assert access.bucket in {b["Name"] for b in client("s3").list_buckets()["Buckets"]}


def test_it_can_be_deployed_again(deployment: AwsDeployment, cdk: FakeCdk) -> None:
    deployment.deploy()
    deployment.refuse_what_is_not_ours()
    tags = [text for text in cdk.ran[0] if "=" in text]
    assert tags[0] == "app=modelmount"
    assert tags[2].startswith("first-deploy=")


@pytest.mark.parametrize("action", ["deploy", "destroy"])
def test_a_stage_of_others_is_not_touched(
    deployment: AwsDeployment, cdk: FakeCdk, action: str
) -> None:
    cdk.run("deploy", "--tags", "first-deploy=another-run")
    before = stacks()
    with pytest.raises(DeploymentFailed, match="nothing was touched"):
        getattr(deployment, action)()
    assert stacks() == before
    assert len(cdk.ran) == 1


def test_nothing_is_left_of_it(deployment: AwsDeployment, journal: Journal) -> None:
    deployment.deploy()
    bucket = deployment.access().bucket
    for content in (b"1", b"2"):
        client("s3").put_object(Bucket=bucket, Key="iris/1/model.joblib", Body=content)
    client("s3").delete_object(Bucket=bucket, Key="iris/1/model.joblib")
    url = client("sqs").create_queue(QueueName="heard")["QueueUrl"]
    journal.note(f"sqs:{url}")
    journal.note("lambda:first-moto-probe-write")  # which wasn't made after all
    assert deployment.destroy() == []
    assert stacks() == []
    assert client("s3").list_buckets()["Buckets"] == []
    assert "QueueUrls" not in client("sqs").list_queues()
    assert journal.made == []


def test_others_keep_what_they_have(deployment: AwsDeployment) -> None:
    client("s3").create_bucket(Bucket="somebody-elses")
    deployment.deploy()
    deployment.destroy()
    assert [b["Name"] for b in client("s3").list_buckets()["Buckets"]] == ["somebody-elses"]


def test_a_destroy_that_failed_goes_on_where_it_was(
    deployment: AwsDeployment, cdk: FakeCdk, journal: Journal
) -> None:
    deployment.deploy()
    bucket = deployment.access().bucket
    cdk.fails = "destroy"
    with pytest.raises(DeploymentFailed):
        deployment.destroy()
    assert f"bucket:{bucket}" in journal.made
    # Somebody deletes the stacks in the console. What they keep is still known.
    cdk.fails = ""
    cdk.run("destroy")
    assert deployment.destroy() == []
    assert client("s3").list_buckets()["Buckets"] == []


def test_what_has_the_stages_tag_is_told(deployment: AwsDeployment) -> None:
    deployment.deploy()
    client("s3").create_bucket(Bucket="forgotten")
    tags = {"TagSet": [{"Key": "stage", "Value": "first-moto"}]}
    client("s3").put_bucket_tagging(Bucket="forgotten", Tagging=tags)
    assert deployment.destroy() == ["arn:aws:s3:::forgotten"]
