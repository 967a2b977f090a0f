"""Uploads that are all prepared for real."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from preparation.prepare import Preparer
from tests.lambdas.deployment import Deployment

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@pytest.fixture
def deployment(s3: "S3Client", tmp_path: Path) -> Deployment:
    return Deployment(s3, tmp_path, prepare_with=Preparer)
