"""An application as WSGI has it, for tools that speak that."""

import http
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from serving.api.application import Application, Request

Start = Callable[[str, list[tuple[str, str]]], object]


def wsgi(application: Application) -> Callable[[dict[str, Any], Start], Iterable[bytes]]:
    def call(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        # The path comes decoded, as Latin-1; where it was sent with a slash in a segment it
        # stays so in REQUEST_URI.
        sent = environ.get("REQUEST_URI") or quote(environ["PATH_INFO"].encode("latin-1"))
        headers = {
            name.removeprefix("HTTP_").replace("_", "-"): value
            for name, value in environ.items()
            # A client in the same process unpacks nothing, whatever its headers say.
            if name.startswith(("HTTP_", "CONTENT_")) and name != "HTTP_ACCEPT_ENCODING"
        }
        request = Request(environ["REQUEST_METHOD"], sent.partition("?")[0], headers, body)
        response = application.respond(request)
        start(
            f"{response.status} {http.HTTPStatus(response.status).phrase}",
            [*response.headers.items()],
        )
        return [response.body]

    return call
