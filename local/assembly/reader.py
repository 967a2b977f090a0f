"""Reads a synthesized assembly (`cdk.out`) into the typed resources that are run."""

import json
from collections.abc import Iterator
from pathlib import Path

from local.assembly.assets import Assets
from local.assembly.deployment_checks import check
from local.assembly.readers.functions import FunctionReader
from local.assembly.readers.rest_apis import read_rest_apis
from local.assembly.readers.sagemaker_endpoints import EndpointReader
from local.assembly.resources import (
    Alias,
    Assembly,
    Bucket,
    Function,
    Notification,
    Permission,
    Queue,
    Rule,
)
from local.cloudformation.intrinsics import Json, Resolver, Resource, Stack, parse_stack
from local.errors import AssemblyError
from local.functions.scheduler import interval

ACCOUNT = "123456789012"  # moto's own, so that queue ARNs agree
REGION = "us-east-1"

_RUN = {
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::GatewayResponse",
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::Resource",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGateway::UsagePlan",
    "AWS::ApiGateway::UsagePlanKey",
    "AWS::EFS::AccessPoint",
    "AWS::EFS::FileSystem",
    "AWS::Events::Rule",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SageMaker::Endpoint",
    "AWS::SageMaker::EndpointConfig",
    "AWS::SageMaker::Model",
    "AWS::SQS::Queue",
    "Custom::S3BucketNotifications",
}
# These shape the deployment, and nothing that happens here depends on them.
_INERT = (
    "AWS::ApiGateway::Account",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::Authorizer",
    "AWS::ApplicationAutoScaling::",
    "AWS::CDK::Metadata",
    "AWS::CloudWatch::",
    "AWS::Cognito::",
    "AWS::EC2::",
    "AWS::EFS::MountTarget",
    "AWS::IAM::",
    "AWS::KMS::",
    "AWS::Logs::",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "Custom::VpcRestrictDefaultSG",
)


def read_assembly(folder: Path) -> Assembly:
    """Read `manifest.json`, the templates and the asset manifests that it names.

    Raises AssemblyError when something the run needs is missing or can't be resolved.
    """
    stacks, assets = _read_manifest(folder)
    resolver = Resolver(stacks, ACCOUNT, REGION)
    reader = _Reader(resolver, FunctionReader(resolver, assets), EndpointReader(resolver, assets))
    return reader.read()


def _read_manifest(folder: Path) -> tuple[dict[str, Stack], Assets]:
    path = folder / "manifest.json"
    if not path.is_file():
        raise AssemblyError(f"{path} is missing: synthesize first (make synth)")
    stacks: dict[str, Stack] = {}
    assets = Assets(folder)
    for name, artifact in json.loads(path.read_text())["artifacts"].items():
        properties = artifact.get("properties", {})
        if artifact["type"] == "aws:cloudformation:stack":
            template = json.loads((folder / properties["templateFile"]).read_text())
            stacks[name] = parse_stack(name, template)
        elif artifact["type"] == "cdk:asset-manifest":
            assets.add(json.loads((folder / properties["file"]).read_text()))
    return stacks, assets


class _Reader:
    def __init__(
        self, resolver: Resolver, functions: FunctionReader, endpoints: EndpointReader
    ) -> None:
        self._resolver = resolver
        self._function_reader = functions
        self._endpoint_reader = endpoints
        self._resources = [r for s in resolver.stacks.values() for r in s.resources.values()]
        self._deploy_time = {
            target.where
            for resource in self._resources
            if (target := resolver.target(resource, resource.properties.get("ServiceToken")))
        }

    def read(self) -> Assembly:
        functions = {f.arn: f for f in self._functions()}
        assembly = Assembly(
            region=self._resolver.region,
            account=self._resolver.account,
            functions=functions,
            aliases={a.arn: a for a in self._aliases()},
            queues={q.arn: q for q in self._queues()},
            topics=tuple(self._topics()),
            buckets={b.name: b for b in self._buckets()},
            rules=tuple(self._rules()),
            apis=tuple(read_rest_apis(self._resolver)),
            permissions=tuple(self._permissions()),
            outputs=dict(self._outputs()),
            warnings=tuple(self._warnings()),
            hosted={e.name: e for e in self._endpoint_reader.read()},
        )
        check(assembly)
        return assembly

    def _of(self, kind: str) -> Iterator[Resource]:
        return (r for r in self._resources if r.type == kind)

    def _functions(self) -> Iterator[Function]:
        for resource in self._of("AWS::Lambda::Function"):
            # What a custom resource calls works on the deployment, not in the running system.
            if resource.where not in self._deploy_time:
                yield self._function_reader.read(resource)

    def _aliases(self) -> Iterator[Alias]:
        for resource in self._of("AWS::Lambda::Alias"):
            get = self._resolver.property
            provisioned = get(resource, "ProvisionedConcurrencyConfig", {})
            yield Alias(
                where=resource.where,
                arn=self._resolver.resolve(resource, {"Ref": resource.id}),
                function_arn=self._as_arn(get(resource, "FunctionName")),
                provisioned=int(provisioned.get("ProvisionedConcurrentExecutions", 0)),
            )

    def _queues(self) -> Iterator[Queue]:
        for resource in self._of("AWS::SQS::Queue"):
            attribute = {"Fn::GetAtt": [resource.id, "QueueName"]}
            name = self._resolver.resolve(resource, attribute)
            yield Queue(name, self._resolver.arn("sqs", name))

    def _topics(self) -> Iterator[str]:
        for resource in self._of("AWS::SNS::Topic"):
            yield str(self._resolver.resolve(resource, {"Ref": resource.id})).rpartition(":")[2]

    def _outputs(self) -> Iterator[tuple[str, str]]:
        for stack in self._resolver.stacks.values():
            for name, output in stack.outputs.items():
                if "Export" not in output:  # those are for other stacks
                    owner = Resource(stack.name, name, "Output", {})
                    yield name, str(self._resolver.resolve(owner, output["Value"]))

    def _buckets(self) -> Iterator[Bucket]:
        notifications = {n[0]: n[1] for n in self._notifications()}
        for resource in self._of("AWS::S3::Bucket"):
            name = self._resolver.resolve(resource, {"Ref": resource.id})
            status = self._resolver.property(resource, "VersioningConfiguration", {}).get("Status")
            yield Bucket(
                name, f"arn:aws:s3:::{name}", status == "Enabled", notifications.pop(name, ())
            )
        if notifications:
            raise AssemblyError(f"notifications of an unknown bucket: {', '.join(notifications)}")

    def _notifications(self) -> Iterator[tuple[str, tuple[Notification, ...]]]:
        for resource in self._of("Custom::S3BucketNotifications"):
            bucket = self._resolver.property(resource, "BucketName")
            configuration = self._resolver.property(resource, "NotificationConfiguration", {})
            others = set(configuration) - {"LambdaFunctionConfigurations"}
            if others:
                raise AssemblyError(
                    f"{resource.where}: {', '.join(sorted(others))} can't be run locally, "
                    "only LambdaFunctionConfigurations"
                )
            entries = configuration.get("LambdaFunctionConfigurations", [])
            yield bucket, tuple(_notification(resource, entry) for entry in entries)

    def _rules(self) -> Iterator[Rule]:
        for resource in self._of("AWS::Events::Rule"):
            expression = self._resolver.property(resource, "ScheduleExpression")
            if expression is None:
                raise AssemblyError(f"{resource.where}: only rules on a schedule can be run")
            targets = self._resolver.property(resource, "Targets", [])
            arn = self._resolver.resolve(resource, {"Fn::GetAtt": [resource.id, "Arn"]})
            found = Rule(resource.where, arn, expression, tuple(t["Arn"] for t in targets))
            interval(found)
            yield found

    def _permissions(self) -> Iterator[Permission]:
        for resource in self._of("AWS::Lambda::Permission"):
            function = self._resolver.property(resource, "FunctionName")
            yield Permission(
                function_arn=self._as_arn(function),
                principal=self._resolver.property(resource, "Principal"),
                source_arn=self._resolver.property(resource, "SourceArn"),
            )

    def _as_arn(self, function: str) -> str:
        if function.startswith("arn:"):
            return function
        return self._resolver.arn("lambda", f"function:{function}")

    def _warnings(self) -> Iterator[str]:
        for resource in self._resources:
            if resource.type not in _RUN and not resource.type.startswith(_INERT):
                yield f"{resource.where} has no local counterpart: it does nothing here"


def _notification(resource: Resource, entry: Json) -> Notification:
    rules: dict[str, str] = {}
    for rule in entry.get("Filter", {}).get("Key", {}).get("FilterRules", []):
        name = rule["Name"].lower()
        if name not in ("prefix", "suffix"):
            raise AssemblyError(
                f"{resource.where}: filter rule {name}: only prefix and suffix exist"
            )
        rules[name] = rule["Value"]
    return Notification(tuple(entry["Events"]), entry["LambdaFunctionArn"], **rules)
