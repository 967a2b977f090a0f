"""The table of instance types with disks of their own, against what AWS says."""

import gzip
import json
from pathlib import Path
from typing import Any

import botocore.session
import moto.ec2
import pytest

from stacks.settings.errors import SettingsError
from stacks.settings.sagemaker.local_storage import FAMILIES, has_local_storage
from stacks.settings.settings import Settings

# The answer of EC2's DescribeInstanceTypes, which moto keeps.
DESCRIBED = Path(moto.ec2.__file__).parent / "resources" / "instance_types.json.gz"
# Types that this answer lacks, by the specifications of the accelerated instances:
# https://docs.aws.amazon.com/ec2/latest/instancetypes/ac.html#ac_instance-store
NOT_DESCRIBED = {"dl1": True, "p2": False, "p3": False, "p6e-gb200": True}


def _types() -> list[str]:
    model = botocore.session.get_session().get_service_model("sagemaker")
    shape: Any = model.shape_for("ProductionVariantInstanceType")
    return list(shape.enum)


def test_the_table_agrees_with_ec2_for_every_type_that_sagemaker_takes() -> None:
    described: dict[str, Any] = json.loads(gzip.decompress(DESCRIBED.read_bytes()))
    expected = {}
    for name in _types():
        ec2_name = name.removeprefix("ml.")
        family = ec2_name.partition(".")[0]
        expected[name] = (
            described[ec2_name]["InstanceStorageSupported"]
            if ec2_name in described
            else NOT_DESCRIBED[family]
        )

    assert len(expected) > 250
    assert {name: has_local_storage(name) for name in expected} == expected


def test_no_family_of_the_table_is_unknown_to_sagemaker() -> None:
    assert {name.split(".")[1] for name in _types()} >= FAMILIES


def _settings(kms: str, *instance_types: str) -> Settings:
    variants = {
        f"v{n}": {"model_data": "s3://models/m.tar.gz", "instance_type": instance_type}
        for n, instance_type in enumerate(instance_types)
    }
    setting = json.dumps({"endpoints": {"vision": {"variants": variants}}})
    return Settings.from_context({"kms": kms, "sagemaker": setting})


@pytest.mark.parametrize(
    ("types", "takes"),
    [
        (("ml.m5.large", "ml.c7g.large"), True),
        (("ml.g5.xlarge", "ml.g4dn.xlarge"), False),
        (("ml.inf2.xlarge",), True),
        (("ml.trn1.2xlarge",), False),
        (("ml.new9.large",), True),
    ],
)
def test_an_endpoint_takes_a_key_where_all_its_instances_do(
    types: tuple[str, ...], takes: bool
) -> None:
    (endpoint,) = _settings("on", *types).sagemaker

    assert endpoint.takes_key is takes


def test_a_mixture_is_refused_where_there_is_a_key() -> None:
    with pytest.raises(SettingsError, match=r"'vision' has ml.g5.xlarge, ml.m5.large; those with"):
        _settings("on", "ml.m5.large", "ml.g5.xlarge")

    assert _settings("off", "ml.m5.large", "ml.g5.xlarge").sagemaker
