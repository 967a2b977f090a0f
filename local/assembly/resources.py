"""What the assembly says, typed: the nouns that the rest of this package works with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local.assembly.readers.sagemaker_endpoints import Endpoint

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
JsonObject = dict[str, JsonValue]


@dataclass(frozen=True)
class Statement:
    """One statement of an identity policy."""

    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def covers(self, action: str, resource: str) -> bool:
        """Whether action and resource match, wildcards included (conditions are not read)."""
        return any(fnmatchcase(action.lower(), a.lower()) for a in self.actions) and any(
            fnmatchcase(resource, r) for r in self.resources
        )


@dataclass(frozen=True)
class Mount:
    """An access point at a path in the function; `root` is its folder on the file system."""

    path: str
    file_system: str
    root: str
    permissions: int


@dataclass(frozen=True)
class ZipPackage:
    """A staged folder that is /var/task as it stands."""

    folder: Path


@dataclass(frozen=True)
class ImagePackage:
    """A staged build context."""

    digest: str
    context: Path
    dockerfile: str
    target: str | None
    build_args: Mapping[str, str]


@dataclass(frozen=True)
class EventInvokeConfig:
    """How Lambda treats a function's asynchronous invocations; the defaults are Lambda's."""

    retries: int = 2
    max_age_seconds: int = 21_600
    on_success: str | None = None
    on_failure: str | None = None


@dataclass(frozen=True)
class Function:
    """A Lambda function as the template has it."""

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

    def may(self, action: str, resource: str) -> bool:
        """Whether the function's role allows the action."""
        found = [s.effect for s in self.policy if s.covers(action, resource)]
        return "Allow" in found and "Deny" not in found

    def uses(self, service: str) -> bool:
        """Whether the role holds any action of the service: only then can it be called here."""
        return any(
            action == "*" or action.lower().startswith(f"{service}:")
            for statement in self.policy
            if statement.effect == "Allow"
            for action in statement.actions
        )


@dataclass(frozen=True)
class Alias:
    """A name of a function's version, and how many instances of it are kept started."""

    where: str
    arn: str
    function_arn: str
    provisioned: int


@dataclass(frozen=True)
class Queue:
    """An SQS queue."""

    name: str
    arn: str


@dataclass(frozen=True)
class Notification:
    """Which events of a bucket go to which function."""

    events: tuple[str, ...]
    function_arn: str
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True)
class Bucket:
    """An S3 bucket and what it tells of."""

    name: str
    arn: str
    versioned: bool
    notifications: tuple[Notification, ...] = ()


@dataclass(frozen=True)
class Rule:
    """An EventBridge rule on a schedule, and the functions that it calls."""

    where: str
    arn: str
    expression: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Permission:
    """A statement of a function's resource policy."""

    function_arn: str
    principal: str
    source_arn: str | None

    def allows(self, function_arn: str, principal: str, source_arn: str) -> bool:
        """Whether the principal may invoke the function on behalf of the source."""
        return (
            self.function_arn == function_arn
            and self.principal == principal
            and (self.source_arn is None or fnmatchcase(source_arn, self.source_arn))
        )


@dataclass(frozen=True)
class MockResponse:
    """How a MOCK integration answers for the statuses that its pattern selects."""

    status: int
    pattern: str | None
    headers: Mapping[str, str]
    templates: Mapping[str, str]


@dataclass(frozen=True)
class Method:
    """An HTTP method of a resource, with its integration."""

    verb: str
    resource_id: str
    path: str
    kind: str
    function_arn: str | None
    timeout: float
    request_templates: Mapping[str, str]
    content_handling: str | None
    responses: tuple[MockResponse, ...]
    authorization: str = "NONE"
    key_required: bool = False


@dataclass(frozen=True)
class GatewayResponse:
    """A customised answer of API Gateway itself."""

    kind: str
    status: int | None
    headers: Mapping[str, str]
    templates: Mapping[str, str]


@dataclass(frozen=True)
class Limit:
    """How many requests are let through: per second, and at once."""

    rate: float
    burst: int


@dataclass(frozen=True)
class ApiKey:
    """A key of a usage plan; `value` is None where the template leaves it to AWS."""

    id: str
    value: str | None
    limit: Limit | None


@dataclass(frozen=True)
class RestApi:
    """A deployed REST API: one stage."""

    id: str
    arn: str
    stage: str
    binary_types: tuple[str, ...]
    methods: tuple[Method, ...]
    gateway_responses: Mapping[str, GatewayResponse]
    limit: Limit | None = None
    keys: tuple[ApiKey, ...] = ()


@dataclass(frozen=True)
class Assembly:
    """All that is run locally."""

    region: str
    account: str
    functions: Mapping[str, Function]
    aliases: Mapping[str, Alias]
    queues: Mapping[str, Queue]
    topics: tuple[str, ...]
    buckets: Mapping[str, Bucket]
    rules: tuple[Rule, ...]
    apis: tuple[RestApi, ...]
    permissions: tuple[Permission, ...]
    outputs: Mapping[str, str]
    warnings: tuple[str, ...]
    hosted: Mapping[str, "Endpoint"]

    def invoked(self, arn: str) -> str:
        """The function that is run when this ARN, its own or an alias's, is invoked."""
        return self.aliases[arn].function_arn if arn in self.aliases else arn

    def permits(self, function_arn: str, principal: str, source_arn: str) -> bool:
        """Whether a service may invoke a function, or an alias, which has its own permissions."""
        return any(p.allows(function_arn, principal, source_arn) for p in self.permissions)
