"""The message at the start: where everything is, and what to try."""

from collections.abc import Iterable
from pathlib import Path

from local.assembly.resources.sagemaker_endpoint import Endpoint
from local.endpoints import Endpoints

OPEN = "open: API_AUTH=none, the template's authorization is not enforced"
GUARDED = "API_AUTH=template: signatures, API keys and limits as the template has them"


def banner(endpoints: Endpoints, sagemaker_endpoints: Iterable[Endpoint], logs: Path) -> str:
    """Returns the message, in lines for a terminal."""
    models = "".join(_models(endpoint) for endpoint in sagemaker_endpoints)
    sagemaker = f"  SageMaker  {endpoints.sagemaker}\n{models}" if models else ""
    return f"""
  API      {endpoints.api}      {OPEN if endpoints.api_auth == "none" else GUARDED}
  S3, SQS  {endpoints.s3}
  bucket   {endpoints.bucket}
  logs     {logs}
{sagemaker}
  export AWS_ACCESS_KEY_ID={endpoints.access_key} AWS_SECRET_ACCESS_KEY={endpoints.secret_key} \
AWS_DEFAULT_REGION={endpoints.region}
  aws --endpoint-url {endpoints.s3} s3 cp model.joblib s3://{endpoints.bucket}/
  {_call(endpoints)}

  Ctrl-C stops all.
"""


def _models(endpoint: Endpoint) -> str:
    """Returns a line with the S3 places from which an endpoint's variants take their models."""
    models = ", ".join(f"{v.name} {v.model_data}" for v in endpoint.all_variants)
    return f"    {endpoint.name}: {models}\n"


def _call(endpoints: Endpoints) -> str:
    if endpoints.api_auth == "none":
        return f"curl {endpoints.api}/models"
    if endpoints.api_key:
        return f"curl -H 'x-api-key: {endpoints.api_key}' {endpoints.api}/models"
    signed = f"--aws-sigv4 aws:amz:{endpoints.region}:execute-api"
    return (
        f'curl {signed} --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" {endpoints.api}/models'
    )
