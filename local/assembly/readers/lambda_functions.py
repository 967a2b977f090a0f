"""Reads `AWS::Lambda::Function` with its role, mounts and event invoke config."""

from collections.abc import Iterator

from local.assembly.assets import Assets
from local.assembly.resources.lambda_function import (
    EventInvokeConfig,
    Function,
    Mount,
    Statement,
)
from local.assembly.resources.package import ImagePackage, ZipPackage
from local.cloudformation.resolver import Resolver
from local.cloudformation.template import Resource
from local.errors import AssemblyError
from local.json_types import Json


def read_functions(resolver: Resolver, assets: Assets) -> Iterator[Function]:
    """Reads every function but those behind custom resources.

    A function that a custom resource calls works on the deployment, not in the running system.
    """
    providers = {
        target.where
        for resource in resolver.resources
        if (target := resolver.target(resource, resource.properties.get("ServiceToken")))
    }
    reader = FunctionReader(resolver, assets)
    for resource in resolver.of_type("AWS::Lambda::Function"):
        if resource.where not in providers:
            yield reader.read(resource)


class FunctionReader:
    """Turns function resources into typed functions."""

    def __init__(self, resolver: Resolver, assets: Assets) -> None:
        self._resolver = resolver
        self._assets = assets

    def read(self, resource: Resource) -> Function:
        """Reads a function, with Lambda's defaults for what the template leaves out."""
        get = self._resolver.property
        logging = get(resource, "LoggingConfig", {})
        if get(resource, "Layers"):
            raise AssemblyError(f"{resource.where}: layers can't be run locally")
        return Function(
            name=self._resolver.ref(resource),
            arn=self._resolver.get_att(resource, "Arn"),
            where=resource.where,
            package=self._package(resource),
            handler=self._handler(resource),
            runtime=get(resource, "Runtime"),
            timeout=int(get(resource, "Timeout", 3)),
            memory_mb=int(get(resource, "MemorySize", 128)),
            environment=self._environment(resource),
            mounts=tuple(self._mounts(resource)),
            policy=tuple(self._policy(resource)),
            events=self._events(resource),
            log_format=logging.get("LogFormat", "Text"),
            log_level=logging.get("ApplicationLogLevel"),
            log_group=logging.get("LogGroup", ""),
            in_network="VpcConfig" in resource.properties,
        )

    def _package(self, resource: Resource) -> ZipPackage | ImagePackage:
        code = self._resolver.property(resource, "Code", {})
        if "ImageUri" in code:
            return self._assets.image_package(resource.where, code["ImageUri"])
        if "S3Key" not in code:
            raise AssemblyError(f"{resource.where}: only staged assets and images can be run")
        runtime = self._resolver.property(resource, "Runtime")
        if not str(runtime).startswith("python"):
            raise AssemblyError(f"{resource.where}: runtime {runtime}: only Python can be run")
        return self._assets.zip_package(resource.where, code["S3Key"])

    def _handler(self, resource: Resource) -> str | None:
        command = self._resolver.property(resource, "ImageConfig", {}).get("Command")
        if command is None:
            handler = self._resolver.property(resource, "Handler")
            return None if handler is None else str(handler)
        if len(command) != 1:
            raise AssemblyError(f"{resource.where}: Command {command} must be one handler")
        return str(command[0])

    def _environment(self, resource: Resource) -> dict[str, str]:
        variables = self._resolver.property(resource, "Environment", {}).get("Variables", {})
        for key, value in variables.items():
            if not isinstance(value, str):
                raise AssemblyError(f"{resource.where}: {key} must be a string, not {value!r}")
        return dict(variables)

    def _mounts(self, resource: Resource) -> Iterator[Mount]:
        for config in self._resolver.property(resource, "FileSystemConfigs", []):
            point = self._find(resource, "AWS::EFS::AccessPoint", "Arn", config["Arn"])
            file_system = self._resolver.property(point, "FileSystemId")
            root = self._resolver.property(point, "RootDirectory", {})
            permissions = root.get("CreationInfo", {}).get("Permissions")
            user = self._resolver.property(point, "PosixUser", None)
            yield Mount(
                path=config["LocalMountPath"],
                file_system=self._find(point, "AWS::EFS::FileSystem", "Ref", file_system).id,
                root=root.get("Path", "/"),
                permissions=None if permissions is None else int(permissions, 8),
                user=user and f"{user['Uid']}:{user['Gid']}",
            )

    def _policy(self, resource: Resource) -> Iterator[Statement]:
        arn = self._resolver.property(resource, "Role")
        role = self._find(resource, "AWS::IAM::Role", "Arn", arn)
        name = self._resolver.ref(role)
        documents = [p["PolicyDocument"] for p in self._resolver.property(role, "Policies", [])]
        documents += [
            self._resolver.property(policy, "PolicyDocument")
            for policy in self._resolver.of_type("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
            if name in self._resolver.property(policy, "Roles", [])
        ]
        for document in documents:
            for statement in document["Statement"]:
                yield _statement(statement)

    def _events(self, resource: Resource) -> EventInvokeConfig:
        names = (self._resolver.ref(resource), self._resolver.get_att(resource, "Arn"))
        for config in self._resolver.of_type("AWS::Lambda::EventInvokeConfig"):
            if self._resolver.property(config, "FunctionName") in names:
                return self._event_config(config)
        return EventInvokeConfig()

    def _event_config(self, config: Resource) -> EventInvokeConfig:
        get = self._resolver.property
        destinations = get(config, "DestinationConfig", {})
        return EventInvokeConfig(
            retries=int(get(config, "MaximumRetryAttempts", 2)),
            max_age_seconds=int(get(config, "MaximumEventAgeInSeconds", 21_600)),
            on_success=destinations.get("OnSuccess", {}).get("Destination"),
            on_failure=destinations.get("OnFailure", {}).get("Destination"),
        )

    def _find(self, owner: Resource, kind: str, attribute: str, value: str) -> Resource:
        """Finds the resource of a kind that a resolved reference means."""
        for resource in self._resolver.of_type(kind):
            if self._resolver.get_att(resource, attribute) == value:
                return resource
        raise AssemblyError(f"{owner.where} refers to {value}, but the assembly has no such {kind}")


def _statement(statement: Json) -> Statement:
    return Statement(
        statement["Effect"],
        _as_tuple(statement.get("Action", [])),
        _as_tuple(statement.get("Resource", [])),
    )


def _as_tuple(value: Json) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
