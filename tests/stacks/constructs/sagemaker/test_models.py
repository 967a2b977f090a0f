"""Models: their images, data, environments and roles."""

import json
from collections.abc import Callable

import pytest

from tests.stacks.constructs.sagemaker.templates import allowed, config, statements
from tests.stacks.deployment import Deployment, Template


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
    for found, platform, generations in (
        (deployment, "linux/amd64", ["cuda", "none"]),  # the latter of the serverless variant
        (arm, "linux/arm64", ["none"]),
    ):
        images = found.assets("SageMaker")["dockerImages"].values()
        sources = [
            {k: v for k, v in image["source"].items() if k != "directory"} for image in images
        ]
        assert sorted(sources, key=lambda source: str(source["dockerBuildArgs"])) == [
            {
                "dockerFile": "docker/Dockerfile",
                "dockerBuildTarget": "sagemaker",
                "dockerBuildArgs": {"GENERATION": generation},
                "platform": platform,
            }
            for generation in generations
        ]


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
    # These actions take no narrower resource.
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
