"""The proxy of endpoints: its environment, its permissions and its routes."""

import json
from collections.abc import Callable

import pytest

from tests.stacks.configurations import SAGEMAKER
from tests.stacks.constructs.sagemaker.templates import NAMES, allowed, physical
from tests.stacks.deployment import Deployment, Template

PROXY = "${ProxyFunction.Arn}"


ROUTES = {
    ("POST", "/api/v1"),
    ("POST", "/api/v1/{variant}"),
    ("POST", "/async/{id}"),
    ("GET", "/async/{id}"),
    ("HEAD", "/async/{id}"),
    ("POST", "/async/{id}/uploads"),
}


@pytest.mark.slow
def test_names_of_the_most_variants_fit_into_the_proxys_environment(
    deploy: Callable[..., Deployment],
) -> None:
    """Lambda takes 4 KB, and CloudFormation 500 resources a stack."""
    scaled = {"model_data": "s3://models/m.tar.gz", "max_instances": 2}
    endpoints = {
        f"e{n}".ljust(30, "n"): {"variants": {f"{n}{m}".ljust(25, "v"): scaled for m in range(10)}}
        for n in range(8)
    }
    most = deploy(stage="s" * 16, sagemaker=json.dumps({"endpoints": endpoints}))
    variables = most.function("sagemaker_proxy")["Environment"]["Variables"]

    assert sum(len(key) + len(value) for key, value in variables.items()) < 4096 - 63
    assert len(most.sagemaker.resources) <= 500


def test_the_proxy_may_ask_the_endpoints_and_use_the_exchange_alone(template: Template) -> None:
    found = allowed(template, "ProxyIdentityRole")
    arn = "arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}:endpoint"
    bucket = "${ExchangeBucket.Arn}"

    assert found == {
        "logs:CreateLogStream": {"${ProxyIdentityLog.Arn}"},
        "logs:PutLogEvents": {"${ProxyIdentityLog.Arn}"},
        "sagemaker:InvokeEndpoint": {f"{arn}/{physical(name)}" for name in NAMES if name != "text"},
        "sagemaker:InvokeEndpointAsync": {f"{arn}/{physical('text')}"},
        "s3:PutObject": {f"{bucket}/{prefix}/*" for prefix in ("inputs", "requests")},
        "s3:GetObject": {
            f"{bucket}/{prefix}/*" for prefix in ("inputs", "requests", "outputs", "failures")
        },
        "s3:ListBucket": {bucket},
    }


def test_the_proxy_knows_the_endpoints_and_nothing_of_shadows(deployment: Deployment) -> None:
    proxy = deployment.function("sagemaker_proxy")
    variables = proxy["Environment"]["Variables"]

    assert proxy["Handler"] == "sagemaker_proxy.handler.handler"
    assert proxy["Runtime"] == "python3.13"
    assert (proxy["MemorySize"], proxy["Timeout"]) == (512, 29)
    assert not {"VpcConfig", "FileSystemConfigs"} & proxy.keys()
    assert (variables["STAGE_NAME"], variables["LOG_LEVEL"]) == ("prod", "INFO")
    assert variables["BUCKET_NAME"] == "${ExchangeBucket}"
    endpoints = json.loads(variables["ENDPOINTS"])
    assert [(e["name"], e["variants"]) for e in endpoints] == [
        ("vision", ["resnet", "vggnet"]),
        ("text", ["gpt"]),
        ("trial", ["old"]),
        ("many", ["tenants"]),
        ("chat", ["llama"]),
        ("rare", ["seldom"]),
    ]
    assert [e["name"] for e in endpoints if e["asynchronous"]] == ["text"]
    assert [e["name"] for e in endpoints if e["multi_model"]] == ["many"]
    assert {e["endpoint"] for e in endpoints} == {physical(name) for name in NAMES}


def test_routes_lead_to_the_proxy_and_let_in_the_same_callers(deployment: Deployment) -> None:
    routes = deployment.inference.routes
    found = {key for key, method in routes.items() if PROXY in method["Integration"]["Uri"]}

    assert found == ROUTES
    assert {
        (routes[key]["AuthorizationType"], routes[key]["ApiKeyRequired"]) for key in ROUTES
    } == {("NONE", True)}
    permissions = deployment.inference.of_type("AWS::Lambda::Permission").values()
    own = {
        p["SourceArn"].partition("Stageprod}/")[2]
        for p in permissions
        if p["FunctionName"] == PROXY
    }
    assert own == {
        *("*/api/v1", "*/api/v1/*", "*/async/*", "*/async/*/uploads"),
    }


def test_outputs_name_what_users_need(template: Template) -> None:
    assert template.outputs == {
        "SageMakerEndpoints": ",".join(physical(name) for name in NAMES),
        "ExchangeBucketName": "${ExchangeBucket}",
        "AsyncSuccessTopicArn": "${ExchangeSuccess}",
        "AsyncErrorTopicArn": "${ExchangeError}",
    }
    assert set(NAMES) == set(SAGEMAKER["endpoints"])
