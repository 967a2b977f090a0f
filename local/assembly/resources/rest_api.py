"""REST APIs of API Gateway."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class MockResponse:
    """The answer of a MOCK integration for the statuses that its pattern selects."""

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
    """The template's own form for an error that API Gateway answers itself."""

    kind: str
    status: int | None
    headers: Mapping[str, str]
    templates: Mapping[str, str]


@dataclass(frozen=True)
class ThrottleLimit:
    """A limit of requests: `rate` per second, and `burst` at once."""

    rate: float
    burst: int


@dataclass(frozen=True)
class ApiKey:
    """A key of a usage plan.

    Attributes:
        value: None where the template leaves it to AWS.
    """

    id: str
    value: str | None
    limit: ThrottleLimit | None


@dataclass(frozen=True)
class RestApi:
    """A deployed REST API with one stage."""

    id: str
    arn: str
    stage: str
    binary_types: tuple[str, ...]
    methods: tuple[Method, ...]
    gateway_responses: Mapping[str, GatewayResponse]
    limit: ThrottleLimit | None = None
    keys: tuple[ApiKey, ...] = ()
