"""Endpoints on SageMaker: every property that matters, who may do what, which routes lead there."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.stacks.deployment import Deployment, Template
from tests.stacks.test_lint import OTHER_EVERYTHING, SAGEMAKER

NAMES = ("vision", "text", "trial", "many", "chat", "rare")
LATENCY = "ModelLatency"
PROXY = "${ProxyFunction.Arn}"
ROUTES = {
    ("POST", "/api/v1"),
    ("POST", "/api/v1/{variant}"),
    ("POST", "/async/{id}"),
    ("GET", "/async/{id}"),
    ("POST", "/async/{id}/uploads"),
}


@pytest.fixture(scope="session")
def deployment(deploy: Callable[..., Deployment]) -> Deployment:
    return deploy(**OTHER_EVERYTHING)


@pytest.fixture
def template(deployment: Deployment) -> Template:
    return deployment.sagemaker


def config(template: Template, name: str) -> dict[str, Any]:
    return template.properties(f"Endpoint{name}Config")


def made(template: Template, name: str) -> dict[str, Any]:
    return template.properties(f"Endpoint{name}Endpoint")


def statements(template: Template, role: str) -> list[dict[str, Any]]:
    return [
        statement
        for policy in template.of_type("AWS::IAM::Policy").values()
        if f"${{{role}}}" in policy["Roles"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def allowed(template: Template, role: str) -> dict[str, Any]:
    """Return resources by action, however statements were merged."""
    found: dict[str, set[str]] = {}
    for statement in statements(template, role):
        assert statement["Effect"] == "Allow"
        for action in _several(statement["Action"]):
            found.setdefault(action, set()).update(_several(statement["Resource"]))
    return found


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_no_construct_warns(deployment: Deployment) -> None:
    assert deployment.messages == ()


def test_names_of_the_most_variants_fit_into_the_proxys_environment(
    deploy: Callable[..., Deployment],
) -> None:
    """Lambda takes 4 KB, and CloudFormation 500 resources a stack."""
    scaled = {"model_data": "s3://models/m.tar.gz", "max_instances": 2}
    endpoints = {
        f"e{n}".ljust(30, "n"): {"variants": {f"{n}{m}".ljust(25, "v"): scaled for m in range(10)}}
        for n in range(8)
    }
    most = deploy(stage="s" * 21, sagemaker=json.dumps({"endpoints": endpoints}))
    variables = most.function("sagemaker_proxy")["Environment"]["Variables"]

    assert sum(len(key) + len(value) for key, value in variables.items()) < 4096 - 63
    assert len(most.sagemaker.resources) <= 500


def test_without_the_setting_nothing_of_it_is_there(default: Deployment) -> None:
    assert default.sagemaker.resources == {}
    assert not [path for _, path in default.inference.routes if path.startswith(("/api", "/async"))]
    assert "SageMaker" not in json.dumps(default.inference.raw)


def test_every_endpoint_has_its_name_and_keeps_what_was_shifted_and_scaled(
    template: Template,
) -> None:
    for name in NAMES:
        endpoint = made(template, name)
        assert endpoint["EndpointName"] == f"modelmount-prod-{name}"
        assert endpoint["EndpointConfigName"] == f"${{Endpoint{name}Config.EndpointConfigName}}"
        assert endpoint["RetainAllVariantProperties"] is True
    assert len(template.of_type("AWS::SageMaker::Endpoint")) == len(NAMES)


def test_what_is_replaced_at_every_change_has_no_name(template: Template) -> None:
    for properties in template.of_type("AWS::SageMaker::EndpointConfig").values():
        assert "EndpointConfigName" not in properties
    for properties in template.of_type("AWS::SageMaker::Model").values():
        assert "ModelName" not in properties


def test_variants_share_by_weight(template: Template) -> None:
    resnet, vggnet = config(template, "vision")["ProductionVariants"]

    assert resnet == {
        "VariantName": "resnet",
        "ModelName": "${EndpointvisionModelresnetModel.ModelName}",
        "InitialVariantWeight": 0.7,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    assert vggnet == {
        "VariantName": "vggnet",
        "ModelName": "${EndpointvisionModelvggnetModel.ModelName}",
        "InitialVariantWeight": 0.3,
        "InstanceType": "ml.c7g.xlarge",
        "InitialInstanceCount": 2,
    }


def test_a_shadow_stands_beside_the_one_that_answers(template: Template) -> None:
    trial = config(template, "trial")

    assert [v["VariantName"] for v in trial["ProductionVariants"]] == ["old"]
    assert trial["ShadowProductionVariants"] == [
        {
            "VariantName": "new",
            "ModelName": "${EndpointtrialModelnewModel.ModelName}",
            "InitialVariantWeight": 0.5,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
        }
    ]
    others = [config(template, name) for name in NAMES if name != "trial"]
    assert not [c for c in others if "ShadowProductionVariants" in c]


def test_a_serverless_variant_has_memory_and_concurrency_in_place_of_instances(
    template: Template,
) -> None:
    (variant,) = config(template, "rare")["ProductionVariants"]

    assert variant["ServerlessConfig"] == {
        "MemorySizeInMB": 3072,
        "MaxConcurrency": 8,
        "ProvisionedConcurrency": 1,
    }
    assert not variant.keys() & {"InstanceType", "InitialInstanceCount"}
    assert "DeploymentConfig" not in made(template, "rare")


def test_models_have_image_data_and_environment(template: Template) -> None:
    resnet = template.properties("EndpointvisionModelresnetModel")["PrimaryContainer"]
    vggnet = template.properties("EndpointvisionModelvggnetModel")["PrimaryContainer"]

    assert resnet.keys() == {"Image", "ModelDataUrl"}
    assert resnet["ModelDataUrl"] == "s3://models/resnet/1.tar.gz"
    assert vggnet == {
        "Image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/vgg:1.2",
        "Environment": {"TS_NUM_THREADS": "4"},
        "ModelDataSource": {
            "S3DataSource": {
                "S3Uri": "s3://models/vggnet/1/",
                "S3DataType": "S3Prefix",
                "CompressionType": "None",
            }
        },
    }


def test_many_models_are_an_address_below_which_their_archives_lie(template: Template) -> None:
    model = template.properties("EndpointmanyModeltenantsModel")["PrimaryContainer"]

    assert {key: value for key, value in model.items() if key != "Image"} == {
        "Mode": "MultiModel",
        "ModelDataUrl": "s3://models/tenants/",
        "Environment": {"SAGEMAKER_MULTI_MODEL": "true"},
    }
    found = allowed(template, "EndpointmanyModeltenantsRole")
    assert found["s3:GetObject"] == {"arn:${AWS::Partition}:s3:::models/tenants/*"}
    assert found["s3:ListBucket"] == {"arn:${AWS::Partition}:s3:::models"}
    models = template.of_type("AWS::SageMaker::Model").values()
    assert [m["PrimaryContainer"].get("Mode") for m in models].count(None) == len(models) - 1


def test_vllm_serves_the_folder_from_aws_image_with_the_drivers_it_needs(
    template: Template,
) -> None:
    container = template.properties("EndpointchatModelllamaModel")["PrimaryContainer"]
    (variant,) = config(template, "chat")["ProductionVariants"]
    account = "${DlcRepositoryAccountMap.${AWS::Region}.value}"

    assert container["Image"] == (
        f"{account}.dkr.ecr.${{AWS::Region}}.${{AWS::URLSuffix}}/vllm:server-sagemaker-cuda-v2.5"
    )
    assert allowed(template, "EndpointchatModelllamaRole")["ecr:BatchGetImage"] == {
        f"arn:${{AWS::Partition}}:ecr:${{AWS::Region}}:{account}:repository/vllm"
    }
    assert template.raw["Mappings"]["DlcRepositoryAccountMap"]["eu-west-1"] == {
        "value": "763104351884"
    }
    assert container["Environment"] == {
        "SM_VLLM_MODEL": "/opt/ml/model",
        "SM_VLLM_SERVED_MODEL_NAME": "llama",
        "SM_VLLM_MAX_MODEL_LEN": "8192",
        "VLLM_NO_USAGE_STATS": "1",
        "HF_HUB_OFFLINE": "1",
    }
    assert container["ModelDataSource"]["S3DataSource"]["S3Uri"] == "s3://models/llama/1/"
    assert variant["InstanceType"] == "ml.g5.2xlarge"
    assert variant["InferenceAmiVersion"] == "al2023-ami-sagemaker-inference-gpu-4-1"
    assert variant["ModelDataDownloadTimeoutInSeconds"] == 1800
    assert variant["ContainerStartupHealthCheckTimeoutInSeconds"] == 1800


def test_our_own_image_is_the_dockerfiles_target_for_the_instances_processor(
    deployment: Deployment, deploy: Callable[..., Deployment]
) -> None:
    graviton = {
        "model_data": "s3://models/g.tar.gz",
        "instance_type": "ml.m6gd.large",
        "generation": "none",
    }
    arm = deploy(sagemaker=json.dumps({"endpoints": {"e": {"variants": {"v": graviton}}}}))
    for found, platform, generation in (
        (deployment, "linux/amd64", "cuda"),
        (arm, "linux/arm64", "none"),
    ):
        (image,) = found.assets("SageMaker")["dockerImages"].values()
        source = {k: v for k, v in image["source"].items() if k != "directory"}
        assert source == {
            "dockerFile": "docker/Dockerfile",
            "dockerBuildTarget": "sagemaker",
            "dockerBuildArgs": {"GENERATION": generation},
            "platform": platform,
        }


def test_containers_are_isolated_unless_they_say_otherwise(template: Template) -> None:
    isolated = {
        key: model["EnableNetworkIsolation"]
        for key, model in template.of_type("AWS::SageMaker::Model").items()
    }

    assert isolated == {
        "EndpointvisionModelresnetModel": True,
        "EndpointvisionModelvggnetModel": False,  # asks for it
        "EndpointtextModelgptModel": True,
        "EndpointtrialModeloldModel": True,
        "EndpointtrialModelnewModel": True,
        "EndpointmanyModeltenantsModel": True,
        "EndpointchatModelllamaModel": True,
        "EndpointrareModelseldomModel": False,  # serverless, where SageMaker can't
    }


def test_a_model_waits_for_its_roles_policy(template: Template) -> None:
    for key, resource in template.resources.items():
        if resource["Type"] == "AWS::SageMaker::Model":
            role = key.removesuffix("Model") + "Role"
            waits = {dependency[:-8] for dependency in resource["DependsOn"]}
            assert {role, f"{role}DefaultPolicy"} <= waits, key


def test_each_role_reads_its_own_model_alone(template: Template) -> None:
    own = allowed(template, "EndpointvisionModelresnetRole")
    prefixed = allowed(template, "EndpointvisionModelvggnetRole")
    partition = "arn:${AWS::Partition}:s3:::models"

    assert own["s3:GetObject"] == {f"{partition}/resnet/1.tar.gz"}
    assert "s3:ListBucket" not in own
    assert prefixed["s3:GetObject"] == {f"{partition}/vggnet/1/*"}
    assert prefixed["s3:ListBucket"] == {partition}
    (listing,) = [
        s
        for s in statements(template, "EndpointvisionModelvggnetRole")
        if s["Action"] == "s3:ListBucket"
    ]
    assert listing["Condition"] == {"StringLike": {"s3:prefix": "vggnet/1/*"}}
    trust = template.properties("EndpointvisionModelresnetRole")["AssumeRolePolicyDocument"]
    assert [s["Principal"] for s in trust["Statement"]] == [{"Service": "sagemaker.amazonaws.com"}]


@pytest.mark.parametrize("role", ["EndpointtrialModeloldRole", "EndpointrareModelseldomRole"])
def test_a_plain_role_holds_model_image_log_and_metrics_alone(
    template: Template, role: str
) -> None:
    found = allowed(template, role)
    pulls = {"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}
    logs = {
        *("logs:CreateLogGroup", "logs:CreateLogStream"),
        *("logs:DescribeLogStreams", "logs:PutLogEvents"),
    }

    assert found.keys() == pulls | logs | {
        "ecr:GetAuthorizationToken",
        "cloudwatch:PutMetricData",
        "s3:GetObject",
    }
    log = f"${{{role.partition('Model')[0]}Log.Arn}}"
    assert all(found[action] == {log} for action in logs)
    # Neither service knows a resource for these.
    assert {action for action, resources in found.items() if "*" in resources} == {
        "ecr:GetAuthorizationToken",
        "cloudwatch:PutMetricData",
    }
    (metrics,) = [
        s for s in statements(template, role) if s["Action"] == "cloudwatch:PutMetricData"
    ]
    assert metrics["Condition"] == {
        "StringEquals": {"cloudwatch:namespace": ["AWS/SageMaker", "/aws/sagemaker/Endpoints"]}
    }


def test_an_image_of_others_is_pulled_from_its_repository_alone(template: Template) -> None:
    found = allowed(template, "EndpointvisionModelvggnetRole")
    repository = "arn:${AWS::Partition}:ecr:eu-west-1:123456789012:repository/team/vgg"

    assert found["ecr:BatchGetImage"] == {repository}


def test_asynchronous_requests_go_through_the_exchange(template: Template) -> None:
    bucket = "s3://${ExchangeBucket}"

    assert config(template, "text")["AsyncInferenceConfig"] == {
        "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 2},
        "OutputConfig": {
            "S3OutputPath": f"{bucket}/outputs/modelmount-prod-text/",
            "S3FailurePath": f"{bucket}/failures/modelmount-prod-text/",
            "NotificationConfig": {
                "SuccessTopic": "${ExchangeSuccess}",
                "ErrorTopic": "${ExchangeError}",
            },
        },
    }
    assert [n for n in NAMES if "AsyncInferenceConfig" in config(template, n)] == ["text"]


def test_an_asynchronous_container_takes_large_bodies_and_long_waits(template: Template) -> None:
    container = template.properties("EndpointtextModelgptModel")["PrimaryContainer"]

    assert container["Environment"] == {
        "MODELMOUNT_MAX_PAYLOAD_BYTES": "1073741824",
        "MMS_MAX_REQUEST_SIZE": "1073741824",
        "MMS_MAX_RESPONSE_SIZE": "1073741824",
        "TS_MAX_REQUEST_SIZE": "1073741824",
        "TS_MAX_RESPONSE_SIZE": "1073741824",
        "SAGEMAKER_MODEL_SERVER_TIMEOUT": "3600",
        "MMS_DEFAULT_RESPONSE_TIMEOUT": "3600",
        "TS_DEFAULT_RESPONSE_TIMEOUT": "3600",
    }


def test_an_asynchronous_role_reads_inputs_and_writes_answers_of_its_own(
    template: Template,
) -> None:
    found = allowed(template, "EndpointtextModelgptRole")
    bucket = "${ExchangeBucket.Arn}"

    assert found["s3:GetObject"] == {
        "arn:${AWS::Partition}:s3:::models/gpt/1.tar.gz",
        f"{bucket}/inputs/modelmount-prod-text/*",
    }
    assert found["s3:PutObject"] == {
        f"{bucket}/outputs/modelmount-prod-text/*",
        f"{bucket}/failures/modelmount-prod-text/*",
    }
    assert found["s3:AbortMultipartUpload"] == found["s3:PutObject"]
    assert found["sns:Publish"] == {"${ExchangeSuccess}", "${ExchangeError}"}


def test_an_asynchronous_endpoint_scales_from_none_by_its_backlog(template: Template) -> None:
    targets = template.of_type("AWS::ApplicationAutoScaling::ScalableTarget")
    policies = template.of_type("AWS::ApplicationAutoScaling::ScalingPolicy")
    dimension = [{"Name": "EndpointName", "Value": "modelmount-prod-text"}]

    target = targets["EndpointtextScalingTargetgpt"]
    assert target == {
        "ServiceNamespace": "sagemaker",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "ResourceId": "endpoint/modelmount-prod-text/variant/gpt",
        "MinCapacity": 0,
        "MaxCapacity": 4,
        "Tags": target["Tags"],
    }
    tracking = policies["EndpointtextScalingTrackinggpt"]
    assert tracking["PolicyType"] == "TargetTrackingScaling"
    assert tracking["TargetTrackingScalingPolicyConfiguration"] == {
        "TargetValue": 3,
        "ScaleInCooldown": 300,
        "ScaleOutCooldown": 300,
        "CustomizedMetricSpecification": {
            "MetricName": "ApproximateBacklogSizePerInstance",
            "Namespace": "AWS/SageMaker",
            "Statistic": "Average",
            "Dimensions": dimension,
        },
    }
    step = policies["EndpointtextScalingFromNonegpt"]["StepScalingPolicyConfiguration"]
    assert step["AdjustmentType"] == "ChangeInCapacity"
    assert step["StepAdjustments"] == [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]
    alarm = template.properties("EndpointtextScalingWaitinggpt")
    assert alarm["MetricName"] == "HasBacklogWithoutCapacity"
    assert (alarm["Dimensions"], alarm["Threshold"]) == (dimension, 1)
    assert alarm["AlarmActions"] == ["${EndpointtextScalingFromNonegpt}"]


def test_a_variant_scales_by_its_invocations_once_its_endpoint_is_there(
    template: Template,
) -> None:
    policy = template.properties("EndpointvisionScalingTrackingresnet")
    target = template.resources["EndpointvisionScalingTargetresnet"]

    assert policy["TargetTrackingScalingPolicyConfiguration"] == {
        "TargetValue": 600,
        "ScaleInCooldown": 300,
        "ScaleOutCooldown": 300,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
        },
    }
    assert (target["Properties"]["MinCapacity"], target["Properties"]["MaxCapacity"]) == (1, 4)
    assert [d[:-8] for d in target["DependsOn"]] == ["EndpointvisionEndpoint"]
    # Nobody else asked for it.
    scaled = template.of_type("AWS::ApplicationAutoScaling::ScalableTarget")
    assert scaled.keys() == {
        "EndpointvisionScalingTargetresnet",
        "EndpointtextScalingTargetgpt",
        "EndpointmanyScalingTargettenants",
    }


def test_requests_are_captured_where_it_is_asked_for(template: Template) -> None:
    assert config(template, "vision")["DataCaptureConfig"] == {
        "EnableCapture": True,
        "InitialSamplingPercentage": 10,
        "DestinationS3Uri": "s3://${ExchangeBucket}/capture/modelmount-prod-vision",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {
            "JsonContentTypes": ["application/json"],
            "CsvContentTypes": ["text/csv"],
        },
    }
    assert [n for n in NAMES if "DataCaptureConfig" in config(template, n)] == ["vision"]
    assert allowed(template, "EndpointvisionModelresnetRole")["s3:PutObject"] == {
        "${ExchangeBucket.Arn}/capture/modelmount-prod-vision/*"
    }


@pytest.mark.parametrize(
    ("name", "routing", "longest", "alarms"),
    [
        (
            "vision",
            {
                "Type": "LINEAR",
                "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 20},
                "WaitIntervalInSeconds": 120,
            },
            5 * 120 + 3600,
            ["Errors", "Latency"],
        ),
        (
            "trial",
            {
                "Type": "CANARY",
                "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
                "WaitIntervalInSeconds": 300,
            },
            300 + 3600,
            ["Errors", "Latency"],
        ),
        (
            "text",
            {
                "Type": "CANARY",
                "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
                "WaitIntervalInSeconds": 300,
            },
            300 + 3600,
            ["Errors"],
        ),
    ],
)
def test_an_update_takes_over_in_parts_and_alarms_take_it_back(
    template: Template, name: str, routing: dict[str, Any], longest: int, alarms: list[str]
) -> None:
    assert made(template, name)["DeploymentConfig"] == {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "MaximumExecutionTimeoutInSeconds": longest,
        },
        "AutoRollbackConfiguration": {
            "Alarms": [{"AlarmName": f"${{Endpoint{name}Alarms{alarm}}}"} for alarm in alarms]
        },
    }


def test_alarms_watch_all_variants_that_answer(template: Template) -> None:
    errors = template.properties("EndpointvisionAlarmsErrors")
    latency = template.properties("EndpointvisionAlarmsLatency")

    assert (errors["Threshold"], latency["Threshold"]) == (5, 10_000_000)
    for alarm, expression, metric, statistic in (
        (errors, "SUM([m0, m1])", "Invocation5XXErrors", "Sum"),
        (latency, "MAX([m0, m1])", LATENCY, "p99"),
    ):
        told, *metrics = alarm["Metrics"]
        assert told["Expression"] == expression
        assert [m["MetricStat"]["Stat"] for m in metrics] == [statistic] * 2
        assert [m["MetricStat"]["Metric"] for m in metrics] == [
            {
                "Namespace": "AWS/SageMaker",
                "MetricName": metric,
                "Dimensions": [
                    {"Name": "EndpointName", "Value": "modelmount-prod-vision"},
                    {"Name": "VariantName", "Value": variant},
                ],
            }
            for variant in ("resnet", "vggnet")
        ]


def test_the_exchange_is_private_and_empties_itself(template: Template) -> None:
    bucket = template.properties("ExchangeBucket")
    rules = {
        rule["Prefix"]: rule["ExpirationInDays"]
        for rule in bucket["LifecycleConfiguration"]["Rules"]
        if "Prefix" in rule
    }

    assert rules == {
        **dict.fromkeys(("inputs/", "requests/", "outputs/", "failures/"), 3),
        "capture/": 30,
    }
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert "BucketEncryption" in bucket
    policy = template.properties("ExchangeBucketPolicy")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert bucket["CorsConfiguration"]["CorsRules"][0]["AllowedOrigins"] == [
        "https://a.example",
        "https://b.example",
    ]


def test_the_proxy_may_ask_the_endpoints_and_use_the_exchange_alone(template: Template) -> None:
    found = allowed(template, "ProxyIdentityRole")
    arn = (
        "arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}:endpoint/modelmount-prod"
    )
    bucket = "${ExchangeBucket.Arn}"

    assert found == {
        "logs:CreateLogStream": {"${ProxyIdentityLog.Arn}"},
        "logs:PutLogEvents": {"${ProxyIdentityLog.Arn}"},
        "sagemaker:InvokeEndpoint": {f"{arn}-{name}" for name in NAMES if name != "text"},
        "sagemaker:InvokeEndpointAsync": {f"{arn}-text"},
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
    assert {e["endpoint"] for e in endpoints} == {f"modelmount-prod-{name}" for name in NAMES}


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
        *("POST/api/v1", "POST/api/v1/*", "POST/async/*", "GET/async/*", "POST/async/*/uploads"),
    }


def test_outputs_name_what_users_need(template: Template) -> None:
    assert template.outputs == {
        "SageMakerEndpoints": ",".join(f"modelmount-prod-{name}" for name in NAMES),
        "ExchangeBucketName": "${ExchangeBucket}",
        "AsyncSuccessTopicArn": "${ExchangeSuccess}",
        "AsyncErrorTopicArn": "${ExchangeError}",
    }
    assert set(NAMES) == set(SAGEMAKER["endpoints"])
