"""What a start tells."""

from pathlib import Path

from local.assembly.resources.sagemaker_endpoint import Endpoint, Variant
from local.banner import banner
from local.endpoints import Endpoints

LOGS = Path("/state/logs")


def endpoints(**changed: str) -> Endpoints:
    return Endpoints(
        api="http://127.0.0.1:8000/dev",
        s3="http://127.0.0.1:9000",
        invoke="http://127.0.0.1:9001",
        bucket="models",
        region="us-east-1",
        access_key="local",
        secret_key="local",
        pid=1,
        queues={},
        outputs={},
        **changed,
    )


def variant(name: str, model_data: str) -> Variant:
    return Variant("Stack.V", "e", name, 1.0, "image", model_data, is_archive=True, environment={})


def test_it_says_where_to_upload_and_what_to_ask() -> None:
    told = banner(endpoints(), [], LOGS)
    assert "aws --endpoint-url http://127.0.0.1:9000 s3 cp model.joblib s3://models/" in told
    assert "curl http://127.0.0.1:8000/dev/models" in told
    assert "API_AUTH=none, the template's authorization is not enforced" in told
    assert "SageMaker" not in told


def test_it_says_how_to_be_let_in() -> None:
    keyed = banner(endpoints(api_auth="template", api_key="k"), [], LOGS)
    assert "curl -H 'x-api-key: k' http" in keyed
    signed = banner(endpoints(api_auth="template"), [], LOGS)
    assert "--aws-sigv4 aws:amz:us-east-1:execute-api" in signed
    assert "API_AUTH=template" in signed


def test_it_says_where_models_of_endpoints_are_looked_for() -> None:
    shadow = variant("new", "s3://models/new.tar.gz")
    hosted = Endpoint("modelmount-dev-trial", "arn", (variant("old", "s3://m/o/"),), shadow, None)
    told = banner(endpoints(sagemaker="http://127.0.0.1:9002"), [hosted], LOGS)
    assert "SageMaker  http://127.0.0.1:9002" in told
    assert "modelmount-dev-trial: old s3://m/o/, new s3://models/new.tar.gz" in told
