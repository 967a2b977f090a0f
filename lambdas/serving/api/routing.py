"""Requests, responses and routes. This module knows HTTP, but no server and no Lambda event."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import unquote

from serving.api.contract import Error
from serving.errors import MethodNotAllowed, NotAcceptable, RouteNotFound

JSON = "application/json"
OCTETS = "application/octet-stream"
ENCODED = re.compile("%([2-7][0-9A-Fa-f])")
KEPT = {"/", "%", " ", "\x7f"}


@dataclass(slots=True)  # being frozen would cost each request a microsecond
class Request:
    """A request; `path` is as it was sent, still percent-encoded, and `query` is decoded."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    query: Mapping[str, str] = field(default_factory=dict)
    _by_name: dict[str, str] | None = field(default=None, init=False, repr=False, compare=False)

    def header(self, name: str) -> str | None:
        """Return a header by its lower-case name, however the sender spelt it."""
        if self._by_name is None:
            names = map(str.lower, self.headers)
            self._by_name = dict(zip(names, self.headers.values(), strict=True))
        return self._by_name.get(name)


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
        self._is_fixed = "{" not in path

    def match(self, path: str) -> dict[str, str] | None:
        """Return the decoded parameters of a path that this route has, else None."""
        if self._is_fixed:
            return {} if path == self.path else None
        found = self.pattern.fullmatch(path)
        return found and {name: unquote(value) for name, value in found.groupdict().items()}

    def handler(self, method: str) -> Handler | None:
        """Return the handler; that of GET answers HEAD, and the server leaves out its body."""
        return self.handlers.get("GET" if method == "HEAD" else method)


class RouteGroup(Protocol):
    """Routes that share one shape of error."""

    @property
    def routes(self) -> Sequence[Route]:
        """The routes, in order of precedence."""

    def error_body(self, error: Error) -> object:
        """Return the body of an answer that tells this error."""


def check_json_accepted(request: Request) -> None:
    """Raise `NotAcceptable` where Accept excludes JSON, which is all that a route answers."""
    accept = request.header("accept")
    if accept not in (None, "*/*", JSON):
        accepted(request, (JSON,))


def accepted(request: Request, offered: Sequence[str]) -> str:
    """Return the media type that Accept prefers; raises `NotAcceptable` with those offered."""
    from serving.api.headers import preferences  # noqa: PLC0415 (a cold start does without)

    header = request.header("accept") or ""
    found = preferences.media_type(header, offered)
    if found is None:
        known = ", ".join(offered)
        raise NotAcceptable(f"None of {header!r:.200} can be written; accept {known}.")
    return found


def normal(path: str) -> str:
    """Return the path without a slash at its end, and with no more encoded than is needed.

    `%3A` is `:` and `%70` is `p`, whoever encoded them. An encoded slash stays so: it is part of a
    name.
    """
    if path.endswith("/"):
        path = path.rstrip("/") or "/"
    return ENCODED.sub(_decoded, path) if "%" in path else path


def dispatch(routes: Sequence[Route], request: Request) -> object:
    """Call the handler of the first route with this path and method, with decoded parameters.

    Raises:
        RouteNotFound: no route has the path.
        MethodNotAllowed: no route with the path takes the method.
    """
    for route in routes:
        named = route.match(request.path)
        if named is not None and (handler := route.handler(request.method)):
            return handler(request, named)
    allowed = methods(routes, request.path)
    text = f"{request.path} takes {', '.join(allowed)}, not {request.method}."
    raise MethodNotAllowed(text, allowed=allowed)


def methods(routes: Sequence[Route], path: str) -> tuple[str, ...]:
    """Return the methods that a path takes; raises `RouteNotFound`."""
    found = [m for route in routes if route.pattern.fullmatch(path) for m in route.handlers]
    if found:
        return (*found, *(["HEAD"] if "GET" in found else []), "OPTIONS")
    known = ", ".join(f"{method} {r.path}" for r in routes for method in r.handlers)
    raise RouteNotFound(f"There is no route {path}. There are: {known}.")


def _decoded(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character.isascii() and character not in KEPT else match[0]
