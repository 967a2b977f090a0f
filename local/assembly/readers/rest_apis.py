"""Reads `AWS::ApiGateway::RestApi` with its stage, methods and gateway responses."""

import re
from collections.abc import Iterator, Mapping

from local.assembly.readers.usage_plans import read_keys, read_limit
from local.assembly.resources.rest_api import GatewayResponse, Method, MockResponse, RestApi
from local.cloudformation.resolver import Resolver
from local.cloudformation.template import Resource
from local.errors import AssemblyError
from local.json_types import Json

DEFAULT_TIMEOUT_MS = 29_000
_FUNCTION = re.compile(r":lambda:path/[^/]+/functions/(arn:[^/]+)/invocations$")


def read_rest_apis(resolver: Resolver) -> Iterator[RestApi]:
    """Reads every REST API that has a stage."""
    for stage in resolver.of_type("AWS::ApiGateway::Stage"):
        yield _ApiReader(resolver, stage).read()


class _ApiReader:
    def __init__(self, resolver: Resolver, stage: Resource) -> None:
        self._resolver = resolver
        self._stage = stage
        self._id = str(resolver.property(stage, "RestApiId"))
        self._siblings = [
            r
            for r in resolver.stacks[stage.stack].resources.values()
            if r.type.startswith("AWS::ApiGateway::")
            and "RestApiId" in r.properties
            and resolver.property(r, "RestApiId") == self._id
        ]

    def read(self) -> RestApi:
        api = self._api()
        if self._resolver.property(api, "MinimumCompressionSize") is not None:
            raise AssemblyError(f"{api.where}: MinimumCompressionSize can't be run locally")
        paths = dict(self._paths(api))
        return RestApi(
            id=self._id,
            arn=self._resolver.arn("execute-api", self._id),
            stage=str(self._resolver.property(self._stage, "StageName")),
            binary_types=tuple(self._resolver.property(api, "BinaryMediaTypes", [])),
            methods=tuple(
                self._method(r, paths)
                for r in self._siblings
                if r.type == "AWS::ApiGateway::Method"
            ),
            gateway_responses={r.kind: r for r in self._gateway_responses()},
            limit=read_limit(self._resolver, self._stage),
            keys=tuple(read_keys(self._resolver, self._stage)),
        )

    def _api(self) -> Resource:
        for resource in self._resolver.stacks[self._stage.stack].resources.values():
            if resource.type == "AWS::ApiGateway::RestApi" and (
                self._resolver.ref(resource) == self._id
            ):
                return resource
        raise AssemblyError(f"{self._stage.where}: its REST API is not in the stack")

    def _paths(self, api: Resource) -> Iterator[tuple[str, str]]:
        """Yields pairs of resource id and path."""
        root = self._resolver.get_att(api, "RootResourceId")
        parts: dict[str, tuple[str, str]] = {}
        for resource in self._siblings:
            if resource.type == "AWS::ApiGateway::Resource":
                get = self._resolver.property
                own = self._resolver.ref(resource)
                parts[own] = (get(resource, "ParentId"), get(resource, "PathPart"))
        yield root, "/"
        for own in parts:
            path, parent = "", own
            while parent != root:
                if parent not in parts:
                    raise AssemblyError(f"{api.where}: the resource {parent} has no parent")
                parent, part = parts[parent]
                path = f"/{part}{path}"
            yield own, path

    def _method(self, resource: Resource, paths: Mapping[str, str]) -> Method:
        resource_id = self._resolver.property(resource, "ResourceId")
        if resource_id not in paths:
            raise AssemblyError(f"{resource.where}: its ResourceId is no resource of the API")
        integration = self._resolver.property(resource, "Integration", {})
        kind = integration.get("Type")
        if kind not in ("AWS_PROXY", "MOCK"):
            raise AssemblyError(
                f"{resource.where}: integration {kind} can't be run locally (AWS_PROXY, MOCK)"
            )
        return Method(
            verb=self._resolver.property(resource, "HttpMethod"),
            resource_id=resource_id,
            path=paths[resource_id],
            kind=kind,
            function_arn=_function_arn(resource, integration) if kind == "AWS_PROXY" else None,
            timeout=integration.get("TimeoutInMillis", DEFAULT_TIMEOUT_MS) / 1000,
            request_templates=integration.get("RequestTemplates", {}),
            content_handling=integration.get("ContentHandling"),
            responses=tuple(_mock_response(r) for r in integration.get("IntegrationResponses", [])),
            authorization=self._resolver.property(resource, "AuthorizationType", "NONE"),
            key_required=bool(self._resolver.property(resource, "ApiKeyRequired", False)),
        )

    def _gateway_responses(self) -> Iterator[GatewayResponse]:
        for resource in self._siblings:
            if resource.type == "AWS::ApiGateway::GatewayResponse":
                get = self._resolver.property
                status = get(resource, "StatusCode")
                yield GatewayResponse(
                    kind=get(resource, "ResponseType"),
                    status=None if status is None else int(status),
                    headers=_headers(
                        get(resource, "ResponseParameters", {}), "gatewayresponse.header."
                    ),
                    templates=get(resource, "ResponseTemplates", {}),
                )


def _function_arn(resource: Resource, integration: Json) -> str:
    match = _FUNCTION.search(integration.get("Uri", ""))
    if match is None:
        raise AssemblyError(
            f"{resource.where}: its Uri {integration.get('Uri')} names no Lambda function"
        )
    return match[1]


def _mock_response(response: Json) -> MockResponse:
    return MockResponse(
        status=int(response["StatusCode"]),
        pattern=response.get("SelectionPattern"),
        headers=_headers(response.get("ResponseParameters", {}), "method.response.header."),
        templates=response.get("ResponseTemplates", {}),
    )


def _headers(parameters: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {
        key.removeprefix(prefix): value
        for key, value in parameters.items()
        if key.startswith(prefix)
    }
