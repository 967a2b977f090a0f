"""Weights of variants: what is asked of SageMaker, and what is told."""

import json
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber

from modelmount import ab
from modelmount.__main__ import main
from modelmount.target import TargetError

NAMES = "modelmount-dev-vision,modelmount-dev-trial"


def test_weights_are_set_and_told_with_their_shares() -> None:
    client = boto3.client(
        "sagemaker", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    now = datetime.now(UTC)
    with Stubber(client) as stub:
        stub.add_response(
            "update_endpoint_weights_and_capacities",
            {"EndpointArn": "arn:aws:sagemaker:eu-west-1:1:endpoint/e"},
            {
                "EndpointName": "e",
                "DesiredWeightsAndCapacities": [{"VariantName": "resnet", "DesiredWeight": 3.0}],
            },
        )
        stub.add_response(
            "describe_endpoint",
            {
                "EndpointName": "e",
                "EndpointArn": "arn:aws:sagemaker:eu-west-1:1:endpoint/e",
                "EndpointStatus": "Updating",
                "CreationTime": now,
                "LastModifiedTime": now,
                "ProductionVariants": [
                    {"VariantName": "resnet", "CurrentWeight": 3.0, "CurrentInstanceCount": 2},
                    {"VariantName": "vggnet", "CurrentWeight": 1.0, "CurrentInstanceCount": 1},
                ],
            },
            {"EndpointName": "e"},
        )

        ab.shift(client, "e", {"resnet": 3.0})
        told = list(ab.show(client, "e"))
        stub.assert_no_pending_responses()

    assert told[0] == "e: Updating"
    assert [line.split() for line in told[1:]] == [
        ["resnet", "weight", "3", "75.0", "%", "instances", "2"],
        ["vggnet", "weight", "1", "25.0", "%", "instances", "1"],
    ]


@pytest.mark.parametrize("wanted", ["vision", "modelmount-dev-vision"])
def test_an_endpoint_goes_by_either_name(wanted: str) -> None:
    assert ab.chosen(wanted, NAMES) == "modelmount-dev-vision"
    assert ab.chosen(None, "modelmount-dev-vision") == "modelmount-dev-vision"


@pytest.mark.parametrize("wanted", [None, "text", "sion"])
def test_which_one_has_to_be_said_where_there_are_several(wanted: str | None) -> None:
    with pytest.raises(TargetError, match=f"--endpoint which one: {NAMES.replace(',', ', ')}"):
        ab.chosen(wanted, NAMES)


@pytest.mark.parametrize("text", ["resnet", "=1", "resnet=", "resnet=-1", "resnet=nan", "a=inf"])
def test_a_weight_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(TargetError, match=f"{text!r} is no weight"):
        ab.parsed([text])


def test_weights_are_read() -> None:
    assert ab.parsed(["resnet=0.7", "vggnet=0"]) == {"resnet": 0.7, "vggnet": 0.0}


def test_a_system_without_endpoints_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--local", "--state", str(tmp_path), "ab"]) == 1
    assert "Start one with: make local" in capsys.readouterr().err
    (tmp_path / "endpoints.json").write_text(json.dumps({"sagemaker": None}))
    assert main(["--local", "--state", str(tmp_path), "ab"]) == 1
    assert "has no endpoint on SageMaker" in capsys.readouterr().err
