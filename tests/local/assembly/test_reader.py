import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from local.assembly.reader import read_assembly
from local.assembly.resources.lambda_function import Alias, EventInvokeConfig, Mount
from local.assembly.resources.package import ImagePackage, ZipPackage
from local.errors import AssemblyError
from tests.local.sample.assembly_folder import write_assembly
from tests.local.sample.resources import Template, event_invoke_config
from tests.local.sample.template import sample_template

PREFIX = "arn:aws:lambda:us-east-1:123456789012:function:Sample-"


def test_reads_functions_with_what_they_need(tmp_path: Path) -> None:
    assembly = read_assembly(write_assembly(tmp_path, sample_template()))
    stage, sink = assembly.functions[PREFIX + "Stage"], assembly.functions[PREFIX + "Sink"]
    assert stage.package == ZipPackage(tmp_path / "asset.code")
    assert (stage.handler, stage.timeout, stage.memory_mb) == ("app.stage", 1, 128)
    assert stage.events == EventInvokeConfig(1, 21_600, sink.arn, sink.arn)
    assert sink.mounts == (Mount("/mnt/data", "Files", "/sink", 0o750, "1003:1001"),)
    assert stage.uses("s3")
    assert not sink.uses("s3")
    image = assembly.functions[PREFIX + "ApiFunction"].package
    assert isinstance(image, ImagePackage)
    assert (image.digest, image.target) == ("image1", "lambda")


def test_leaves_out_what_only_the_deployment_calls(tmp_path: Path) -> None:
    assembly = read_assembly(write_assembly(tmp_path, sample_template()))
    assert PREFIX + "Notifier" not in assembly.functions


def test_reads_routes_with_their_full_paths(tmp_path: Path) -> None:
    (api,) = read_assembly(write_assembly(tmp_path, sample_template())).apis
    routes = {(m.verb, m.path, m.kind) for m in api.methods}
    assert routes == {
        ("POST", "/things", "AWS_PROXY"),
        ("OPTIONS", "/things", "MOCK"),
        ("GET", "/things/{thing}", "AWS_PROXY"),
        ("DELETE", "/things/{thing}", "AWS_PROXY"),
    }
    assert api.stage == "test"


def test_says_what_has_no_local_counterpart(tmp_path: Path) -> None:
    resources = sample_template() | {"Table": {"Type": "AWS::DynamoDB::Table"}}
    assembly = read_assembly(write_assembly(tmp_path, resources))
    assert [w for w in assembly.warnings if "Sample/Table (AWS::DynamoDB::Table)" in w]
    assert len(assembly.warnings) == 1


def _without(name: str) -> Callable[[Template], None]:
    return lambda resources: resources.pop(name)


def _set(name: str, key: str, value: object) -> Callable[[Template], None]:
    return lambda resources: resources[name]["Properties"].update({key: value})


FAULTS: dict[str, tuple[Callable[[Template], None], str]] = {
    "unknown destination": (
        lambda r: r.update(StageEvents=event_invoke_config("Stage", 1, {"OnSuccess": "Bucket"})),
        "destination arn:aws:s3:::sample-bucket is no function or queue",
    ),
    "destination not allowed": (_set("StageRole", "Policies", []), "lacks lambda:InvokeFunction"),
    "environment reference": (
        _set("Sink", "Environment", {"Variables": {"X": {"Ref": "Gone"}}}),
        "Sample/Sink (AWS::Lambda::Function) refers to Gone",
    ),
    "environment type": (
        _set("Sink", "Environment", {"Variables": {"X": 5}}),
        "X must be a string",
    ),
    "no such asset": (_set("Sink", "Code", {"S3Key": "other.zip"}), "other.zip"),
    "other runtime": (_set("Sink", "Runtime", "nodejs22.x"), "nodejs22.x"),
    "layers": (_set("Sink", "Layers", ["arn"]), "layers"),
    "role": (_set("Sink", "Role", "arn:aws:iam::1:role/x"), "no such AWS::IAM::Role"),
    "access point": (_without("Files"), "Files"),
    "bucket permission": (_without("BucketPermission"), "s3.amazonaws.com is missing"),
    "integrated function": (
        _set("Post", "Integration", {"Type": "AWS_PROXY", "Uri": "x"}),
        "Uri x",
    ),
    "integration kind": (_set("Post", "Integration", {"Type": "HTTP"}), "integration HTTP"),
    "packed answers": (_set("Api", "MinimumCompressionSize", 0), "MinimumCompressionSize"),
    "parent": (_set("Thing", "ParentId", "nowhere"), "has no parent"),
    "alias": (
        lambda r: r.update(
            Alias={
                "Type": "AWS::Lambda::Alias",
                "Properties": {"FunctionName": "elsewhere", "Name": "live"},
            }
        ),
        "function:elsewhere is no function of the assembly",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wiring_fault_is_an_error(tmp_path: Path, fault: str) -> None:
    edit, message = FAULTS[fault]
    resources = sample_template()
    edit(resources)
    with pytest.raises(AssemblyError) as error:
        read_assembly(write_assembly(tmp_path, resources))
    assert message in str(error.value)


def test_a_missing_staged_folder_is_an_error(tmp_path: Path) -> None:
    write_assembly(tmp_path, sample_template())
    shutil.rmtree(tmp_path / "asset.code")
    with pytest.raises(AssemblyError, match="staged asset"):
        read_assembly(tmp_path)


def test_a_missing_assembly_says_to_synthesize(tmp_path: Path) -> None:
    with pytest.raises(AssemblyError, match="make synth"):
        read_assembly(tmp_path)


def test_a_schedule_needs_a_target_and_its_permission(tmp_path: Path) -> None:
    function = next(k for k, r in sample_template().items() if r["Type"] == "AWS::Lambda::Function")
    rule = {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "ScheduleExpression": "rate(1 day)",
            "Targets": [{"Id": "T", "Arn": {"Fn::GetAtt": [function, "Arn"]}, "Input": '{"a": 1}'}],
        },
    }
    permission = {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Fn::GetAtt": [function, "Arn"]},
            "Principal": "events.amazonaws.com",
            "SourceArn": {"Fn::GetAtt": ["Rule", "Arn"]},
        },
    }
    forbidden = write_assembly(tmp_path / "a", sample_template() | {"Rule": rule})
    with pytest.raises(AssemblyError, match=r"events\.amazonaws\.com is missing"):
        read_assembly(forbidden)
    resources = sample_template() | {"Rule": rule, "Allowed": permission}
    (found,) = read_assembly(write_assembly(tmp_path / "b", resources)).rules
    assert found.expression == "rate(1 day)"
    assert [target.event for target in found.targets] == ['{"a": 1}']


ALIAS = {
    "Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Sink"}}},
    "Alias": {
        "Type": "AWS::Lambda::Alias",
        "Properties": {
            "FunctionName": {"Ref": "Sink"},
            "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]},
            "Name": "live",
            "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 2},
        },
    },
    "MayAlias": {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "FunctionName": {"Ref": "Alias"},
            "Principal": "apigateway.amazonaws.com",
        },
    },
}


def test_reads_aliases_with_what_they_keep_started(tmp_path: Path) -> None:
    assembly = read_assembly(write_assembly(tmp_path, sample_template() | ALIAS))
    arn = PREFIX + "Sink:live"
    assert assembly.aliases == {
        arn: Alias("Sample/Alias (AWS::Lambda::Alias)", arn, PREFIX + "Sink", 2)
    }
    assert assembly.invoked(arn) == PREFIX + "Sink"
    assert assembly.invoked(PREFIX + "Sink") == PREFIX + "Sink"
    assert not assembly.warnings


def test_an_alias_and_its_function_have_permissions_of_their_own(tmp_path: Path) -> None:
    assembly = read_assembly(write_assembly(tmp_path, sample_template() | ALIAS))
    asked = ("apigateway.amazonaws.com", "arn:aws:execute-api:us-east-1:1:api/x")
    assert assembly.permits(PREFIX + "Sink:live", *asked)
    assert not assembly.permits(PREFIX + "Sink", *asked)


def test_a_route_may_lead_to_an_alias(tmp_path: Path) -> None:
    resources = sample_template() | ALIAS
    uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
    resources["Post"]["Properties"]["Integration"]["Uri"] = {
        "Fn::Join": ["", [uri, {"Ref": "Alias"}, "/invocations"]]
    }
    (api,) = read_assembly(write_assembly(tmp_path, resources)).apis
    (post,) = (m for m in api.methods if m.verb == "POST")
    assert post.function_arn == PREFIX + "Sink:live"
