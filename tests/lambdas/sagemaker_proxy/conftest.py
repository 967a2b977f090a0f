"""A proxy whose calls to AWS are all told beforehand: what isn't, or isn't made, fails."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from sagemaker_proxy.proxy import Proxy
from sagemaker_proxy.settings import Endpoint, ProxySettings

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sagemaker_runtime import SageMakerRuntimeClient

BUCKET = "exchange"
KEYS: Any = {
    "aws_access_key_id": "test",
    "aws_secret_access_key": "test",
    "region_name": "eu-west-1",
}


def endpoint(
    name: str, *variants: str, asynchronous: bool = False, multi_model: bool = False
) -> Endpoint:
    return Endpoint(
        name, f"mm-{name}", variants, asynchronous=asynchronous, multi_model=multi_model
    )


def settings(**fields: Any) -> ProxySettings:
    return ProxySettings(
        **{
            "endpoints": (
                endpoint("vision", "resnet", "vggnet"),
                endpoint("text", "gpt", asynchronous=True),
                endpoint("trial", "old"),
                endpoint("many", "tenants", multi_model=True),
            ),
            "bucket_name": BUCKET,
            "allowed_origins": ("*",),
            "stage_name": "test",
            "log_level": "INFO",
            **fields,
        }
    )


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Caller:
    """Calls the proxy as API Gateway does."""

    runtime: Stubber
    s3: Stubber
    runtime_client: "SageMakerRuntimeClient"
    s3_client: "S3Client"

    def call(
        self,
        method: str,
        route: str,
        parameter: str | None = None,
        *,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
        **changed: Any,
    ) -> Answer:
        proxy = Proxy(settings(**changed), self.runtime_client, self.s3_client)
        name = "variant" if "{variant}" in route else "id"
        event = {
            "httpMethod": method,
            "resource": route,
            "pathParameters": {name: parameter} if parameter else None,
            "queryStringParameters": query,
            "headers": headers,
            "body": None if body is None else base64.b64encode(body).decode(),
            "isBase64Encoded": body is not None,
        }
        reply = proxy(event, object())
        assert reply["isBase64Encoded"]
        return Answer(reply["statusCode"], reply["headers"], base64.b64decode(reply["body"]))


@pytest.fixture
def caller() -> Iterator[Caller]:
    runtime = boto3.client("sagemaker-runtime", **KEYS)
    s3 = boto3.client("s3", **KEYS)
    with Stubber(runtime) as stubbed_runtime, Stubber(s3) as stubbed_s3:
        yield Caller(stubbed_runtime, stubbed_s3, runtime, s3)
        stubbed_runtime.assert_no_pending_responses()
        stubbed_s3.assert_no_pending_responses()
