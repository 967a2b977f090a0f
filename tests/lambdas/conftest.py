"""Fixtures for what runs in Lambda."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws
from threadpoolctl import threadpool_limits

from tests.lambdas.deployment import BUCKET, Deployment

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@pytest.fixture(scope="session")
def boto3_session() -> boto3.Session:
    """Return a session that has read S3's description once for all clients."""
    return boto3.Session("testing", "testing", region_name="us-east-1")


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch, boto3_session: boto3.Session) -> Iterator["S3Client"]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = boto3_session.client("s3")
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield client


@pytest.fixture
def deployment(s3: "S3Client", tmp_path: Path) -> Deployment:
    return Deployment(s3, tmp_path)


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Keep scikit-learn to one thread: several wait for each other busily on taken processors."""
    with threadpool_limits(limits=1):
        yield
