"""Requests, responses and routes. This module knows HTTP, but no server and no Lambda event."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import unquote

from serving.api.contract import Error
from serving.errors import MethodNotAllowed, RouteNotFound

JSON = "application/json"
OCTETS = "application/octet-stream"


@dataclass(slots=True)  # being frozen would cost each request a microsecond
class Request:
    """A request; `path` is as it was sent, still percent-encoded, and `query` is decoded."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    query: Mapping[str, str] = field(default_factory=dict)

    def header(self, name: str) -> str | None:
        """Return a header by its lower-case name, however the sender spelt it."""
        return next((v for k, v in self.headers.items() if k.lower() == name), None)


@dataclass(slots=True)
class Response:
    """A response: status, headers by lower-case name, and a body.

    Attributes:
        is_text: whether the body is UTF-8.
    """

    status: int
    body: bytes
    headers: dict[str, str]
    is_text: bool = True


# A handler returns a `Response`, or a value to be written as JSON.
Handler = Callable[[Request, Mapping[str, str]], object]


class Route:
    """A path, with `{name}` for a segment of any text, and its handlers by HTTP method."""

    def __init__(self, path: str, **handlers: Handler) -> None:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+?)", re.escape(path))
        self.path = path
        self.pattern = re.compile(pattern)
        self.handlers = handlers


class RouteGroup(Protocol):
    """Routes that share one shape of error."""

    @property
    def routes(self) -> Sequence[Route]:
        """The routes, in order of precedence."""

    def error_body(self, error: Error) -> object:
        """Return the body of an answer that tells this error."""


def dispatch(routes: Sequence[Route], request: Request) -> object:
    """Call the handler of the first route that has the path, with its decoded parameters.

    Raises:
        RouteNotFound: no route has the path.
        MethodNotAllowed: the first route with the path doesn't take the method.
    """
    for route in routes:
        match = route.pattern.fullmatch(request.path)
        if match is None:
            continue
        handler = route.handlers.get(request.method)
        if handler is None:
            allowed = tuple(route.handlers)
            text = f"{request.path} takes {', '.join(allowed)}, not {request.method}."
            raise MethodNotAllowed(text, allowed=allowed)
        return handler(request, {name: unquote(value) for name, value in match.groupdict().items()})
    known = ", ".join(f"{method} {r.path}" for r in routes for method in r.handlers)
    raise RouteNotFound(f"There is no route {request.path}. There are: {known}.")
