"""Endpoints, their configurations and their variants."""

import json

from tests.stacks.constructs.sagemaker.templates import NAMES, allowed, config, made, physical
from tests.stacks.deployment import Deployment, Template


def test_no_construct_warns(deployment: Deployment) -> None:
    assert deployment.messages == ()


def test_without_the_setting_nothing_of_it_is_there(default: Deployment) -> None:
    assert default.sagemaker.resources == {}
    assert not [path for _, path in default.inference.routes if path.startswith(("/api", "/async"))]
    assert "SageMaker" not in json.dumps(default.inference.raw)


def test_every_endpoint_has_its_name_and_keeps_what_was_shifted_and_scaled(
    template: Template,
) -> None:
    for name in NAMES:
        endpoint = made(template, name)
        assert endpoint["EndpointName"] == physical(name)
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


def test_requests_are_captured_where_it_is_asked_for(template: Template) -> None:
    assert config(template, "vision")["DataCaptureConfig"] == {
        "EnableCapture": True,
        "InitialSamplingPercentage": 10,
        "DestinationS3Uri": "s3://${ExchangeBucket}/capture/" + physical("vision"),
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {
            "JsonContentTypes": ["application/json"],
            "CsvContentTypes": ["text/csv"],
        },
    }
    assert [n for n in NAMES if "DataCaptureConfig" in config(template, n)] == ["vision"]
    assert allowed(template, "EndpointvisionModelresnetRole")["s3:PutObject"] == {
        "${ExchangeBucket.Arn}/capture/" + physical("vision") + "/*"
    }
