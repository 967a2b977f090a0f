"""A bucket of small models."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import boto3
import joblib
from moto import mock_aws
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

NAME = "models"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "benchmark",
    "AWS_SECRET_ACCESS_KEY": "benchmark",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@dataclass(frozen=True)
class Bucket:
    """A bucket, and what lies in it.

    Attributes:
        uploads: the keys in the order in which they were written.
        newest: the key of each model that was written last.
    """

    name: str
    uploads: list[str]
    newest: dict[str, str]


@contextmanager
def filled_bucket(models: int) -> Iterator[Bucket]:
    """Yield a bucket of so many models; every tenth has the versions 1, 2 and 3."""
    os.environ.update(ENVIRONMENT)
    data = _dumped()
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=NAME)
        s3.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
        uploads = [key for number in range(models) for key in _keys(number)]
        for key in uploads:
            s3.put_object(Bucket=NAME, Key=key, Body=data)
        yield Bucket(NAME, uploads, {_model(key): key for key in uploads})


def _keys(number: int) -> list[str]:
    name = f"model-{number:04}"
    several = number % 10 == 0
    return [f"{name}/{v}/m.joblib" for v in (1, 2, 3)] if several else [f"{name}.joblib"]


def _model(key: str) -> str:
    return key.partition("/")[0].removesuffix(".joblib")


def _dumped() -> bytes:
    buffer = io.BytesIO()
    joblib.dump(LogisticRegression(max_iter=500).fit(*load_iris(return_X_y=True)), buffer)
    return buffer.getvalue()
