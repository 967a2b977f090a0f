"""Probes: made like a function of the stage, and asking where they run."""

import asyncio
import importlib.metadata
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from first_deploy.probe import questions
from first_deploy.probe.probe_function import QUESTIONS, RUNTIME, ProbeFunction, properties
from first_deploy.result import Differs
from local.functions.runtime_api import Invocation, RuntimeApi

# As Lambda answers: https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
CONFIGURATION = {
    "FunctionName": "Modelmount-first-x-Inference-InferenceFunction",
    "Role": "arn:aws:iam::123456789012:role/inference",
    "MemorySize": 3008,
    "Timeout": 29,
    "PackageType": "Image",
    "Architectures": ["x86_64"],
    "Environment": {"Variables": {"MODEL_DIR": "/mnt/ml/models"}},
    "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"], "VpcId": "vpc-1"},
    "FileSystemConfigs": [{"Arn": "arn:…:access-point/fsap-1", "LocalMountPath": "/mnt/ml"}],
    "LoggingConfig": {"LogFormat": "Text", "LogGroup": "inference"},
    "ImageConfigResponse": {"ImageConfig": {"Command": ["inference.handler.handler"]}},
}
IMAGE = {
    "Configuration": CONFIGURATION,
    "Code": {"RepositoryType": "ECR", "ImageUri": "123.dkr.ecr/cdk:abc", "ResolvedImageUri": "…"},
    "Tags": {"stage": "first-x", "aws:cloudformation:stack-name": "Modelmount-first-x-Inference"},
}
ZIP = {
    **IMAGE,
    "Configuration": {**CONFIGURATION, "PackageType": "Zip", "Runtime": "python3.13"},
}


def test_a_probe_has_role_network_and_mount_of_the_function() -> None:
    found = properties(IMAGE)
    for name in ("Role", "FileSystemConfigs", "MemorySize", "Architectures"):
        assert found[name] == CONFIGURATION[name]
    assert found["VpcConfig"] == {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    assert found["Code"] == {"ImageUri": "123.dkr.ecr/cdk:abc"}
    assert found["Tags"] == {"stage": "first-x"}, "CloudFormation's own tags can't be given"
    assert "Runtime" not in found


def test_lambda_takes_the_properties(account: None) -> None:
    """botocore validates every name and type before it sends."""
    import boto3  # noqa: PLC0415 (of the account)

    functions: Any = boto3.client("lambda")
    for like in (IMAGE, ZIP):
        model = functions.meta.service_model.operation_model("CreateFunction")
        serializer = functions._serializer
        serializer.serialize_to_request({"FunctionName": "probe", **properties(like)}, model)


def test_a_zip_brings_the_runtime_as_its_handler() -> None:
    found = properties(ZIP)
    assert (found["Handler"], found["Runtime"]) == ("probe.handler", "python3.13")
    with zipfile.ZipFile(io.BytesIO(found["Code"]["ZipFile"])) as archive:
        (entry,) = archive.infolist()
        assert entry.external_attr >> 16 & 0o004, "Lambda's user has to read it"
        space: dict[str, Any] = {"__name__": "probe"}
        exec(archive.read(entry), space)
    event = {"code": "def probe(a):\n    return a + 1", "arguments": 41}
    assert space["handler"](event, None) == 42


async def answers(*events: dict[str, Any]) -> list[tuple[str | None, Any]]:
    api = RuntimeApi("arn:aws:lambda:us-east-1:123456789012:function:probe")
    await api.start()
    environment = {"AWS_LAMBDA_RUNTIME_API": api.address}
    command = (sys.executable, "-c", RUNTIME.read_text("utf-8"))
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    try:
        found = []
        for event in events:
            result = await api.submit(Invocation(json.dumps(event).encode()), 60)
            found.append((result.error, json.loads(result.payload)))
        return found
    finally:
        process.kill()
        await process.wait()
        await api.close()


@pytest.mark.slow
def test_the_entry_point_of_an_image_answers_and_outlives_a_failure(tmp_path: Path) -> None:
    code = QUESTIONS.read_text("utf-8")
    broken, whole = answers_of(
        {"code": "def probe(a):\n    raise SystemExit('no')", "arguments": {}},
        {"code": code, "arguments": {"write": str(tmp_path), "machine": None}},
    )
    assert broken == ("Unhandled", {"errorType": "SystemExit", "errorMessage": "no"})
    assert whole[0] is None
    assert whole[1]["write"] == "written"
    assert whole[1]["machine"]["python"].startswith(f"{sys.version_info.major}.")


def answers_of(*events: dict[str, Any]) -> list[tuple[str | None, Any]]:
    return asyncio.run(answers(*events))


def test_what_is_refused_is_an_answer(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    found = questions.probe({"write": missing, "enter": missing, "libraries": ["boto3", "no_such"]})
    assert found["write"].startswith("refused: No such file")
    assert found["enter"].startswith("refused: No such file")
    assert found["libraries"]["no_such"].startswith("not imported")
    assert found["libraries"]["boto3"] == importlib.metadata.version("boto3")
    (tmp_path / "models").mkdir()
    assert questions.probe({"enter": str(tmp_path)})["enter"] == "entered: ['models']"
    assert not list((tmp_path / "models").iterdir())


def test_what_the_kernel_offers_is_tried_in_a_child() -> None:
    found = questions.confinement(None)
    assert set(found) == {"landlock_abi", "seccomp_filter", "user_namespace", "not_dumpable"}
    assert all(
        said == "yes" or said.isdecimal() or said.startswith("no: ") for said in found.values()
    )
    status = Path("/proc/self/status").read_text()
    assert "NoNewPrivs:\t0" in status, "what is tried stays in the child"


def test_emptying_a_folder_follows_no_link(tmp_path: Path) -> None:
    folder, outside = tmp_path / "models", tmp_path / "outside"
    (folder / "iris" / "versions").mkdir(parents=True)
    outside.mkdir()
    (outside / "kept").touch()
    (folder / "link").symlink_to(outside)
    assert questions.empty(str(folder)) == 2
    assert not list(folder.iterdir())
    assert (outside / "kept").exists()


class Functions:
    """A client of Lambda whose functions fail."""

    class exceptions:  # noqa: N801 (boto3's name)
        class ResourceNotFoundException(Exception):
            pass

    def __init__(self, payload: dict[str, Any]) -> None:
        self._payload = json.dumps(payload).encode()
        self.deleted: list[str] = []

    def invoke(self, **_: Any) -> dict[str, Any]:
        return {"Payload": io.BytesIO(self._payload), "FunctionError": "Unhandled"}

    def delete_function(self, FunctionName: str) -> None:  # noqa: N803 (boto3's name)
        self.deleted.append(FunctionName)


def test_a_probe_that_fails_is_deleted_and_says_why() -> None:
    functions = Functions({"errorType": "EFSMountFailureException", "errorMessage": "denied"})
    with pytest.raises(Differs, match="denied"), ProbeFunction(functions, "probe") as probe:
        probe.ask({})
    assert functions.deleted == ["probe"]
