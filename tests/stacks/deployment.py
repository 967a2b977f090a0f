"""A synthesized deployment and its templates."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import aws_cdk as cdk

import app

ROOT = Path(app.__file__).parent


def new_app(directory: Path, context: Mapping[str, object]) -> cdk.App:
    """Returns an app with the feature flags that the command line would pass."""
    flags = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]
    return cdk.App(context={**flags, **context}, outdir=str(directory), analytics_reporting=False)


def synthesize(
    directory: Path, settings: Mapping[str, object], build: Callable[[cdk.App], None] = app.build
) -> "Deployment":
    """Synthesizes the app in this process."""
    cdk_app = new_app(directory, settings)
    build(cdk_app)
    assembly = cdk_app.synth()
    stage = settings.get("stage", "dev")
    storage, inference, sagemaker = (
        assembly.get_stack_by_name(f"Modelmount-{stage}-{name}")
        for name in ("Storage", "Inference", "SageMaker")
    )
    return Deployment(
        directory=directory,
        storage=Template(storage.template),
        inference=Template(inference.template),
        sagemaker=Template({"Resources": {}, **sagemaker.template}),
        messages=tuple(str(m.entry.data) for s in assembly.stacks for m in s.messages),
    )


@dataclass(frozen=True)
class Template:
    """A CloudFormation template.

    Attributes:
        raw: as synthesized.
    """

    raw: Mapping[str, Any]

    @cached_property
    def resources(self) -> dict[str, Any]:
        """Returns resources by logical id without its hash, and intrinsic functions as text."""
        resources = {
            _without_hash(key): _readable({k: v for k, v in value.items() if k != "Metadata"})
            for key, value in self.raw["Resources"].items()
        }
        assert len(resources) == len(self.raw["Resources"]), "two ids differ in their hash alone"
        return resources

    @cached_property
    def outputs(self) -> dict[str, Any]:
        """Returns the outputs for people, without those that other stacks import."""
        return {
            key: _readable(value["Value"])
            for key, value in self.raw["Outputs"].items()
            if not key.startswith("PublishOutput")
        }

    @cached_property
    def methods(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Returns the properties of every method of the API, by verb and path."""
        parts = {
            f"${{{key}}}": (resource["ParentId"], resource["PathPart"])
            for key, resource in self.of_type("AWS::ApiGateway::Resource").items()
        }

        def path(resource_id: str) -> str:
            if resource_id not in parts:
                return ""
            parent, part = parts[resource_id]
            return f"{path(parent)}/{part}"

        methods = self.of_type("AWS::ApiGateway::Method").values()
        return {(m["HttpMethod"], path(m["ResourceId"]) or "/"): m for m in methods}

    @property
    def routes(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Returns the methods without preflights."""
        return {key: method for key, method in self.methods.items() if key[0] != "OPTIONS"}

    def of_type(self, resource_type: str) -> dict[str, Any]:
        """Returns the properties of every resource of `resource_type`, by logical id."""
        return {
            key: resource.get("Properties", {})
            for key, resource in self.resources.items()
            if resource["Type"] == resource_type
        }

    def properties(self, logical_id: str) -> dict[str, Any]:
        """Returns the properties of one resource."""
        properties: dict[str, Any] = self.resources[logical_id]["Properties"]
        return properties


@dataclass(frozen=True)
class Deployment:
    """The result of one synth.

    Attributes:
        directory: the cloud assembly, with its assets.
        sagemaker: empty where the setting `sagemaker` is.
        messages: warnings and errors that constructs left.
    """

    directory: Path
    storage: Template
    inference: Template
    sagemaker: Template
    messages: tuple[str, ...]

    def function(self, name: str) -> dict[str, Any]:
        """Returns the properties of the function `name`, from the stack that has it."""
        return {
            "stage": lambda: self.storage.properties("ModelLoaderStageFunction"),
            "preparer": lambda: self.storage.properties("ModelLoaderPreparerFunction"),
            "publish": lambda: self.storage.properties("ModelLoaderPublishFunction"),
            "reconcile": lambda: self.storage.properties("ModelLoaderReconcileFunction"),
            "dispatcher": lambda: self.storage.properties("ModelLoaderDispatcherFunction"),
            "notifier": lambda: self.storage.properties("ModelLoaderNoticesFunction"),
            "inference": lambda: self.inference.properties("InferenceFunction"),
            "sagemaker_proxy": lambda: self.sagemaker.properties("ProxyFunction"),
            "dedicated": lambda: self.inference.properties("DedicatedfraudFunction"),
        }[name]()

    @property
    def templates(self) -> list[Path]:
        """Returns the files of the templates that have resources."""
        paths = sorted(self.directory.glob("*.template.json"))
        return [path for path in paths if "Resources" in json.loads(path.read_text("utf-8"))]

    def assets(self, stack: str) -> dict[str, Any]:
        """Returns the asset manifest of `stack` (Storage or Inference)."""
        path = next(self.directory.glob(f"*-{stack}.assets.json"))
        manifest: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return manifest


def _without_hash(logical_id: str) -> str:
    """Returns an id without CDK's hash, and without that of another network than the default."""
    name = re.sub(r"[0-9A-F]{8}$", "", logical_id)
    return re.sub(r"(?<=^ModelStoreFileSystem)[0-9a-f]{6}|(?<=^NetworkVpc)[0-9a-f]{6}", "", name)


def _readable(value: Any) -> Any:
    if isinstance(value, list):
        return [_readable(item) for item in value]
    if not isinstance(value, dict):
        return value
    match list(value.items()):
        case [("Ref", str(target))]:
            return f"${{{_without_hash(target)}}}"
        case [("Fn::GetAtt", [str(target), str(attribute)])]:
            return f"${{{_without_hash(target)}.{attribute}}}"
        case [("Fn::Join", ["", list(parts)])]:
            return "".join(map(_readable, parts))
        case [("Fn::Sub", str(text))]:
            return text
        case [("Fn::FindInMap", [str(mapping), key, str(name)])]:
            return f"${{{mapping}.{_readable(key)}.{name}}}"
        case [("Fn::Join", [str(revision), [{"Fn::GetStackOutput": read}]])] if revision:
            return f"${{{_published(read['OutputName'])}}}"
    return {key: _readable(item) for key, item in value.items()}


def _published(output: str) -> str:
    """Returns the published value of the name that CDK gave to an output."""
    match = re.fullmatch(
        r"PublishOutput(?:Ref|FnGetAtt)(.+?)[0-9A-F]{8}([A-Za-z]*?)[0-9A-F]{8}", output
    )
    assert match, output
    name = _without_hash(match[1])
    return f"{name}.{match[2]}" if match[2] else name
