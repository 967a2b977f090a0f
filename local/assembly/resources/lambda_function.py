"""Lambda functions, their aliases, and who may invoke them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from local.assembly.resources.package import ImagePackage, ZipPackage


@dataclass(frozen=True)
class Statement:
    """A statement of an identity policy."""

    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def covers(self, action: str, resource: str) -> bool:
        """Checks whether action and resource match, wildcards included; it reads no condition."""
        return any(fnmatchcase(action.lower(), a.lower()) for a in self.actions) and any(
            fnmatchcase(resource, r) for r in self.resources
        )


@dataclass(frozen=True)
class Mount:
    """An EFS access point at a path in the function.

    Attributes:
        root: the access point's folder on the file system.
        permissions: the permissions of a root that is made; None for one that a function makes.
        user: `UID:GID`, who owns whatever is done through the access point; None for the caller.
    """

    path: str
    file_system: str
    root: str
    permissions: int | None
    user: str | None = None


@dataclass(frozen=True)
class EventInvokeConfig:
    """The settings of a function's asynchronous invocations; the defaults are Lambda's."""

    retries: int = 2
    max_age_seconds: int = 21_600
    on_success: str | None = None
    on_failure: str | None = None


@dataclass(frozen=True)
class Function:
    """A Lambda function as the template has it.

    Attributes:
        in_network: whether it is in a VPC, from which few services can be reached.
        log_group: the name of its log; empty for that which Lambda makes.
    """

    name: str
    arn: str
    where: str
    package: ZipPackage | ImagePackage
    handler: str | None
    runtime: str | None
    timeout: int
    memory_mb: int
    environment: Mapping[str, str]
    mounts: Sequence[Mount]
    policy: Sequence[Statement]
    events: EventInvokeConfig = field(default_factory=EventInvokeConfig)
    log_format: str = "Text"
    log_level: str | None = None
    in_network: bool = False
    log_group: str = ""

    def may(self, action: str, resource: str) -> bool:
        """Checks whether the function's role allows the action."""
        found = [s.effect for s in self.policy if s.covers(action, resource)]
        return "Allow" in found and "Deny" not in found

    def uses(self, service: str) -> bool:
        """Checks whether the role allows any action of the service."""
        return any(
            action == "*" or action.lower().startswith(f"{service}:")
            for statement in self.policy
            if statement.effect == "Allow"
            for action in statement.actions
        )


@dataclass(frozen=True)
class Alias:
    """An alias of a function.

    Attributes:
        provisioned: the number of execution environments that are kept started.
    """

    where: str
    arn: str
    function_arn: str
    provisioned: int


@dataclass(frozen=True)
class Permission:
    """A statement of a function's resource policy."""

    function_arn: str
    principal: str
    source_arn: str | None

    def allows(self, function_arn: str, principal: str, source_arn: str) -> bool:
        """Checks whether the principal may invoke the function on behalf of the source."""
        return (
            self.function_arn == function_arn
            and self.principal == principal
            and (self.source_arn is None or fnmatchcase(source_arn, self.source_arn))
        )
