"""What of a template is run as endpoints."""

from pathlib import Path
from typing import Any

import pytest

from local.assembly.reader import read_assembly
from local.assembly.resources.package import ImagePackage
from local.assembly.resources.sagemaker_endpoint import AsyncInferenceConfig, Endpoint
from local.sagemaker.async_inference import new_output_locations
from tests.local.sample.assembly_folder import write_assembly
from tests.local.sample.resources import get_att
from tests.local.sample.template import sample_template

FOREIGN = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/vgg:1.2"


def model(**container: Any) -> dict[str, Any]:
    return {"Type": "AWS::SageMaker::Model", "Properties": {"PrimaryContainer": container}}


def variant(name: str, model: str, **more: Any) -> dict[str, Any]:
    return {"VariantName": name, "ModelName": get_att(model, "ModelName"), **more}


def endpoint(name: str, **config: Any) -> dict[str, Any]:
    return {
        f"{name}Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": config},
        name: {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {
                "EndpointName": name.lower(),
                "EndpointConfigName": get_att(f"{name}Config", "EndpointConfigName"),
            },
        },
    }


@pytest.fixture
def hosted(tmp_path: Path) -> dict[str, Endpoint]:
    own = model(
        Image={"Fn::Sub": "${AWS::AccountId}.dkr.ecr/assets:image1"},
        ModelDataUrl="s3://models/own.tar.gz",
        Environment={"A": "1"},
    )
    source = {"S3DataSource": {"S3Uri": "s3://models/other/", "S3DataType": "S3Prefix"}}
    resources = {
        **sample_template(),
        "Own": own,
        "Other": model(Image=FOREIGN, ModelDataSource=source),
        "Many": model(Image=FOREIGN, ModelDataUrl="s3://models/many/", Mode="MultiModel"),
        "Errors": {"Type": "AWS::SNS::Topic"},
        **endpoint("Several", ProductionVariants=[variant("many", "Many")]),
        **endpoint(
            "Both",
            ProductionVariants=[variant("own", "Own", InitialVariantWeight=0.7)],
            ShadowProductionVariants=[variant("other", "Other", InitialVariantWeight=0.35)],
        ),
        **endpoint(
            "Later",
            ProductionVariants=[variant("late", "Own")],
            AsyncInferenceConfig={
                "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 3},
                "OutputConfig": {
                    "S3OutputPath": "s3://exchange/outputs/",
                    "S3FailurePath": "s3://exchange/failures/",
                    "NotificationConfig": {"ErrorTopic": {"Ref": "Errors"}},
                },
            },
        ),
    }
    assembly = read_assembly(write_assembly(tmp_path / "out", resources))
    assert not [w for w in assembly.warnings if "SageMaker" in w]
    return dict(assembly.endpoints)


def test_variants_have_image_model_weight_and_environment(hosted: dict[str, Endpoint]) -> None:
    (own,) = hosted["both"].variants

    assert isinstance(own.image, ImagePackage)
    assert (own.name, own.weight, dict(own.environment)) == ("own", 0.7, {"A": "1"})
    assert (own.model_data, own.is_archive) == ("s3://models/own.tar.gz", True)
    assert hosted["both"].async_inference is None


def test_a_shadow_and_an_image_of_others_are_read(hosted: dict[str, Endpoint]) -> None:
    shadow = hosted["both"].shadow

    assert shadow is not None
    assert (shadow.name, shadow.weight, shadow.image) == ("other", 0.35, FOREIGN)
    assert (shadow.model_data, shadow.is_archive) == ("s3://models/other/", False)


def test_many_models_are_a_prefix_below_which_archives_lie(hosted: dict[str, Endpoint]) -> None:
    (many,) = hosted["several"].variants

    assert (many.model_data, many.is_archive) == ("s3://models/many/", True)
    assert [name for name, found in hosted.items() if found.is_multi_model] == ["several"]


def test_a_queue_has_its_places_and_topics(hosted: dict[str, Endpoint]) -> None:
    queue = hosted["later"].async_inference

    assert queue == AsyncInferenceConfig(
        max_concurrent=3,
        output="s3://exchange/outputs",
        failure="s3://exchange/failures",
        success_topic=None,
        error_topic="arn:aws:sns:us-east-1:123456789012:Sample-Errors",
    )
    output, failure = new_output_locations(queue)
    assert output.startswith("s3://exchange/outputs/")
    assert failure.startswith("s3://exchange/failures/")
    assert new_output_locations(queue) != (output, failure)
    assert hosted["later"].variants[0].weight == 1


def test_an_assembly_without_endpoints_has_none(tmp_path: Path) -> None:
    assert read_assembly(write_assembly(tmp_path / "out", sample_template())).endpoints == {}
