"""CloudFormation's intrinsic functions, resolved to deterministic values like AWS's own."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.errors import AssemblyError

FIRST = "1"  # a function's only version here, as after its first deployment
# Template JSON is untyped by nature: Any here means "whatever the template holds".
Json = Any
Attribute = Callable[["Resource", "Resolver"], str]


@dataclass(frozen=True)
class Resource:
    """A resource of a template, under its logical id."""

    stack: str
    id: str
    type: str
    properties: Mapping[str, Json]

    @property
    def where(self) -> str:
        """How messages name it."""
        return f"{self.stack}/{self.id} ({self.type})"


@dataclass(frozen=True)
class Stack:
    """A template."""

    name: str
    resources: Mapping[str, Resource]
    outputs: Mapping[str, Json] = field(default_factory=dict)
    parameters: Mapping[str, Json] = field(default_factory=dict)
    mappings: Mapping[str, Json] = field(default_factory=dict)


def parse_stack(name: str, template: Json) -> Stack:
    """Type a template's JSON."""
    resources = {
        key: Resource(name, key, body["Type"], body.get("Properties", {}))
        for key, body in template.get("Resources", {}).items()
    }
    return Stack(
        name,
        resources,
        outputs=template.get("Outputs", {}),
        parameters=template.get("Parameters", {}),
        mappings=template.get("Mappings", {}),
    )


class Resolver:
    """Resolves the values of one stack; imports reach into the others."""

    def __init__(self, stacks: Mapping[str, Stack], account: str, region: str) -> None:
        self.stacks = stacks
        self.account = account
        self.region = region
        self._exports = {
            output["Export"]["Name"]: (stack, output["Value"])
            for stack in stacks.values()
            for output in stack.outputs.values()
            if "Export" in output
        }

    def resolve(self, owner: Resource, value: Json) -> Json:
        """The value with every intrinsic in it replaced; `owner` is named in errors."""
        if isinstance(value, list):
            return [self.resolve(owner, item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._call(owner, name, argument)
        return {key: self.resolve(owner, item) for key, item in value.items()}

    def property(self, owner: Resource, name: str, default: Json = None) -> Json:
        """A resolved property of the resource."""
        return self.resolve(owner, owner.properties.get(name, default))

    def arn(self, service: str, rest: str) -> str:
        """An ARN in this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"

    def target(self, owner: Resource, value: Json) -> Resource | None:
        """The resource of this stack that a bare Ref or GetAtt names."""
        if isinstance(value, dict) and "Ref" in value:
            return self.stacks[owner.stack].resources.get(value["Ref"])
        if isinstance(value, dict) and "Fn::GetAtt" in value:
            return self.stacks[owner.stack].resources.get(_get_att(value["Fn::GetAtt"])[0])
        return None

    def _call(self, owner: Resource, name: str, argument: Json) -> Json:
        function = _FUNCTIONS.get(name)
        if function is None:
            raise AssemblyError(
                f"{owner.where} uses {name}, which the local system can't resolve "
                f"(it knows {', '.join(sorted(_FUNCTIONS))})"
            )
        return function(self, owner, argument)

    def _ref(self, owner: Resource, name: str) -> Json:
        pseudo = self._pseudo(owner).get(name)
        if pseudo is not None:
            return pseudo
        stack = self.stacks[owner.stack]
        if name in stack.parameters:
            return self._parameter(owner, name, stack.parameters[name])
        return self._attribute(owner, name, "Ref")

    def _parameter(self, owner: Resource, name: str, parameter: Mapping[str, Json]) -> Json:
        if "Default" not in parameter:
            raise AssemblyError(f"{owner.where} needs the parameter {name}, which has no default")
        return parameter["Default"]

    def _attribute(self, owner: Resource, name: str, attribute: str) -> str:
        resource = self.stacks[owner.stack].resources.get(name)
        if resource is None:
            raise AssemblyError(
                f"{owner.where} refers to {name}, which the stack {owner.stack} does not have"
            )
        value = _ATTRIBUTES.get((resource.type, attribute))
        if value is None:
            asked = "Ref" if attribute == "Ref" else f"the attribute {attribute}"
            raise AssemblyError(
                f"{owner.where} needs {asked} of {resource.where}, "
                "for which the local system has no value"
            )
        return value(resource, self)

    def _pseudo(self, owner: Resource) -> dict[str, str]:
        return {
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": owner.stack,
            "AWS::StackId": self.arn("cloudformation", f"stack/{owner.stack}/local"),
            "AWS::NoValue": "",
        }

    def _join(self, owner: Resource, argument: Json) -> str:
        separator, items = argument
        return str(separator).join(str(item) for item in self.resolve(owner, items))

    def _sub(self, owner: Resource, argument: Json) -> str:
        text, extra = (argument, {}) if isinstance(argument, str) else argument

        def replace(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in extra:
                return str(self.resolve(owner, extra[name]))
            logical_id, dot, attribute = name.partition(".")
            return str(
                self._attribute(owner, logical_id, attribute) if dot else self._ref(owner, name)
            )

        return re.sub(r"\$\{([^}]+)\}", replace, text)

    def _select(self, owner: Resource, argument: Json) -> Json:
        index, items = self.resolve(owner, argument)
        if int(index) >= len(items):
            raise AssemblyError(f"{owner.where}: Fn::Select {index} of {len(items)} items")
        return items[int(index)]

    def _split(self, owner: Resource, argument: Json) -> list[str]:
        separator, text = self.resolve(owner, argument)
        return str(text).split(separator)

    def _find_in_map(self, owner: Resource, argument: Json) -> Json:
        found = self.stacks[owner.stack].mappings
        for key in self.resolve(owner, argument):
            if key not in found:
                raise AssemblyError(f"{owner.where}: Fn::FindInMap {argument} has no {key}")
            found = found[key]
        return found

    def _import(self, owner: Resource, argument: Json) -> Json:
        name = self.resolve(owner, argument)
        if name not in self._exports:
            raise AssemblyError(f"{owner.where} imports {name}, which no stack exports")
        stack, value = self._exports[name]
        return self.resolve(Resource(stack.name, name, "Export", {}), value)

    def _zones(self, _owner: Resource, _argument: Json) -> list[str]:
        return [f"{self.region}{letter}" for letter in "abc"]

    def _get_attribute(self, owner: Resource, argument: Json) -> str:
        return self._attribute(owner, *_get_att(argument))


def _get_att(argument: Json) -> tuple[str, str]:
    name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
    return name, attribute


_FUNCTIONS: dict[str, Callable[[Resolver, Resource, Json], Json]] = {
    "Ref": Resolver._ref,
    "Fn::GetAtt": Resolver._get_attribute,
    "Fn::Join": Resolver._join,
    "Fn::Sub": Resolver._sub,
    "Fn::Select": Resolver._select,
    "Fn::Split": Resolver._split,
    "Fn::ImportValue": Resolver._import,
    "Fn::GetAZs": Resolver._zones,
    "Fn::FindInMap": Resolver._find_in_map,
}


def _hash(resource: Resource, length: int) -> str:
    return hashlib.sha256(f"{resource.stack}/{resource.id}".encode()).hexdigest()[:length]


def _name(key: str, limit: int) -> Attribute:
    """The physical name: the template's own, or one from stack and logical id."""

    def name(resource: Resource, resolver: Resolver) -> str:
        given = resolver.property(resource, key)
        return str(given) if given else f"{resource.stack}-{resource.id}"[:limit]

    return name


def _bucket_name(resource: Resource, resolver: Resolver) -> str:
    return _name("BucketName", 63)(resource, resolver).lower()


def _arn(service: str, prefix: str, name: Attribute) -> Attribute:
    return lambda resource, resolver: resolver.arn(service, prefix + name(resource, resolver))


def _id(prefix: str, length: int) -> Attribute:
    return lambda resource, _resolver: prefix + _hash(resource, length)


_function = _name("FunctionName", 64)
_queue = _name("QueueName", 80)
_topic = _arn("sns", "", _name("TopicName", 256))
_rule = _name("Name", 64)
_log_group = _name("LogGroupName", 512)
_file_system = _id("fs-", 17)
_access_point = _id("fsap-", 17)
_role = _name("RoleName", 64)
_hosted_model = _name("ModelName", 63)
_endpoint_config = _name("EndpointConfigName", 63)
_endpoint = _name("EndpointName", 63)


def _qualified(resource: Resource, resolver: Resolver) -> str:
    """The ARN of a version's or an alias's function, before its qualifier."""
    function = str(resolver.property(resource, "FunctionName"))
    is_arn = function.startswith("arn:")
    return function if is_arn else resolver.arn("lambda", f"function:{function}")


def _queue_url(resource: Resource, resolver: Resolver) -> str:
    return f"https://sqs.{resolver.region}.amazonaws.com/{resolver.account}/" + _queue(
        resource, resolver
    )


_ATTRIBUTES: dict[tuple[str, str], Attribute] = {
    ("AWS::Lambda::Function", "Ref"): _function,
    ("AWS::Lambda::Function", "Arn"): _arn("lambda", "function:", _function),
    ("AWS::Lambda::Alias", "Ref"): lambda r, resolver: (
        f"{_qualified(r, resolver)}:{resolver.property(r, 'Name')}"
    ),
    ("AWS::Lambda::Version", "Ref"): lambda r, resolver: f"{_qualified(r, resolver)}:{FIRST}",
    ("AWS::Lambda::Version", "Version"): lambda _r, _resolver: FIRST,
    ("AWS::S3::Bucket", "Ref"): _bucket_name,
    ("AWS::S3::Bucket", "Arn"): lambda r, resolver: f"arn:aws:s3:::{_bucket_name(r, resolver)}",
    ("AWS::SQS::Queue", "Ref"): _queue_url,
    ("AWS::SQS::Queue", "Arn"): _arn("sqs", "", _queue),
    ("AWS::SQS::Queue", "QueueName"): _queue,
    ("AWS::SQS::Queue", "QueueUrl"): _queue_url,
    ("AWS::SNS::Topic", "Ref"): _topic,
    ("AWS::SNS::Topic", "TopicArn"): _topic,
    ("AWS::Events::Rule", "Ref"): _rule,
    ("AWS::Events::Rule", "Arn"): _arn("events", "rule/", _rule),
    ("AWS::EFS::FileSystem", "Ref"): _file_system,
    ("AWS::EFS::FileSystem", "FileSystemId"): _file_system,
    ("AWS::EFS::FileSystem", "Arn"): _arn("elasticfilesystem", "file-system/", _file_system),
    ("AWS::EFS::AccessPoint", "Ref"): _access_point,
    ("AWS::EFS::AccessPoint", "AccessPointId"): _access_point,
    ("AWS::EFS::AccessPoint", "Arn"): _arn("elasticfilesystem", "access-point/", _access_point),
    ("AWS::IAM::Role", "Ref"): _role,
    ("AWS::IAM::Role", "Arn"): lambda r, resolver: (
        f"arn:aws:iam::{resolver.account}:role/{_role(r, resolver)}"
    ),
    ("AWS::Logs::LogGroup", "Ref"): _log_group,
    ("AWS::Logs::LogGroup", "Arn"): _arn("logs", "log-group:", _log_group),
    ("AWS::SageMaker::Model", "ModelName"): _hosted_model,
    ("AWS::SageMaker::EndpointConfig", "EndpointConfigName"): _endpoint_config,
    ("AWS::SageMaker::Endpoint", "EndpointName"): _endpoint,
    ("AWS::ApiGateway::RestApi", "Ref"): _id("", 10),
    ("AWS::ApiGateway::RestApi", "RestApiId"): _id("", 10),
    ("AWS::ApiGateway::RestApi", "RootResourceId"): _id("root", 6),
    ("AWS::ApiGateway::Resource", "Ref"): _id("", 6),
    ("AWS::ApiGateway::Resource", "ResourceId"): _id("", 6),
    ("AWS::ApiGateway::Deployment", "Ref"): _id("", 6),
    ("AWS::ApiGateway::ApiKey", "Ref"): _id("", 10),
    ("AWS::ApiGateway::UsagePlan", "Ref"): _id("", 6),
    ("AWS::Cognito::UserPool", "Ref"): _id("local_", 9),
    ("AWS::Cognito::UserPoolClient", "Ref"): _id("", 26),
    ("AWS::KMS::Key", "Arn"): _arn("kms", "key/", _id("", 36)),
    ("AWS::ApiGateway::Stage", "Ref"): lambda r, resolver: str(resolver.property(r, "StageName")),
}
