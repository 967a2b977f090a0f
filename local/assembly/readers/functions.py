"""Reads an AWS::Lambda::Function, with its role, its mounts and its event invoke config."""

from collections.abc import Iterator

from local.assembly.assets import Assets
from local.assembly.resources import (
    EventInvokeConfig,
    Function,
    ImagePackage,
    Mount,
    Statement,
    ZipPackage,
)
from local.cloudformation.intrinsics import Json, Resolver, Resource
from local.errors import AssemblyError


class FunctionReader:
    """Turns function resources into typed functions."""

    def __init__(self, resolver: Resolver, assets: Assets) -> None:
        self._resolver = resolver
        self._assets = assets
        self._resources = [r for s in resolver.stacks.values() for r in s.resources.values()]

    def read(self, resource: Resource) -> Function:
        """The function, with Lambda's defaults for what the template leaves out."""
        get = self._resolver.property
        logging = get(resource, "LoggingConfig", {})
        if get(resource, "Layers"):
            raise AssemblyError(f"{resource.where}: layers can't be run locally")
        return Function(
            name=self._resolver.resolve(resource, {"Ref": resource.id}),
            arn=self._arn(resource),
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
        )

    def _arn(self, resource: Resource) -> str:
        return str(self._resolver.resolve(resource, {"Fn::GetAtt": [resource.id, "Arn"]}))

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
            permissions = root.get("CreationInfo", {}).get("Permissions", "755")
            yield Mount(
                path=config["LocalMountPath"],
                file_system=self._find(point, "AWS::EFS::FileSystem", "Ref", file_system).id,
                root=root.get("Path", "/"),
                permissions=int(permissions, 8),
            )

    def _policy(self, resource: Resource) -> Iterator[Statement]:
        arn = self._resolver.property(resource, "Role")
        role = self._find(resource, "AWS::IAM::Role", "Arn", arn)
        name = self._resolver.resolve(role, {"Ref": role.id})
        documents = [p["PolicyDocument"] for p in self._resolver.property(role, "Policies", [])]
        documents += [
            self._resolver.property(policy, "PolicyDocument")
            for policy in (*self._of("AWS::IAM::Policy"), *self._of("AWS::IAM::ManagedPolicy"))
            if name in self._resolver.property(policy, "Roles", [])
        ]
        for document in documents:
            for statement in document["Statement"]:
                yield _statement(statement)

    def _events(self, resource: Resource) -> EventInvokeConfig:
        name = self._resolver.resolve(resource, {"Ref": resource.id})
        for config in self._of("AWS::Lambda::EventInvokeConfig"):
            if self._resolver.property(config, "FunctionName") in (name, self._arn(resource)):
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
        """The resource of a kind that a resolved reference means."""
        for resource in self._of(kind):
            ask = {"Fn::GetAtt": [resource.id, attribute]}
            if self._resolver.resolve(resource, ask) == value:
                return resource
        raise AssemblyError(f"{owner.where} refers to {value}, but the assembly has no such {kind}")

    def _of(self, kind: str) -> Iterator[Resource]:
        return (r for r in self._resources if r.type == kind)


def _statement(statement: Json) -> Statement:
    return Statement(
        statement["Effect"],
        _several(statement.get("Action", [])),
        _several(statement.get("Resource", [])),
    )


def _several(value: Json) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
