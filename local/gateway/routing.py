"""Finds the method of a REST API for a request's path."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from local.assembly.resources.rest_api import Method


@dataclass(frozen=True)
class Route:
    """A method and the values of its path parameters."""

    method: Method
    parameters: Mapping[str, str]


def match_route(methods: tuple[Method, ...], verb: str, path: str) -> Route | None:
    """Finds the best method: fixed segments win over parameters, and those over `{proxy+}`."""
    parts = path.removesuffix("/").split("/")
    found = [
        Route(method, parameters)
        for method in methods
        if method.verb in (verb, "ANY")
        and (parameters := _parameters(method.path.removesuffix("/").split("/"), parts)) is not None
    ]
    return min(found, key=lambda route: list(_rank(route.method, verb)), default=None)


def _parameters(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    parameters: dict[str, str] = {}
    for index, segment in enumerate(pattern):
        if segment.endswith("+}") and len(parts) > index:
            return parameters | {segment[1:-2]: unquote("/".join(parts[index:]))}
        if index >= len(parts):
            return None
        if segment.startswith("{") and parts[index]:
            parameters[segment[1:-1]] = unquote(parts[index])
        elif segment != unquote(parts[index]):
            return None
    return parameters if len(parts) == len(pattern) else None


def _rank(method: Method, verb: str) -> Iterator[int]:
    for segment in method.path.split("/"):
        yield 2 if segment.endswith("+}") else 1 if segment.startswith("{") else 0
    yield 0 if method.verb == verb else 1
