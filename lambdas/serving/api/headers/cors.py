"""Cross-origin requests of browsers: https://fetch.spec.whatwg.org/#http-cors-protocol."""

from serving.api.routing import Request

# Headers of an answer that pages of other origins may read.
EXPOSED = "Inference-Header-Content-Length, Retry-After, Server-Timing"
ANY_ORIGIN = {"access-control-allow-origin": "*", "access-control-expose-headers": EXPOSED}
# The wildcard doesn't cover Authorization, so that is named beside it.
PREFLIGHT = {
    "access-control-allow-headers": "*, Authorization",
    "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
    "access-control-max-age": "3600",
}


class CrossOrigin:
    """The headers by which pages of some origins may ask, and read the answers.

    Args:
        origins: the allowed ones; `*` allows all.
    """

    def __init__(self, origins: tuple[str, ...]) -> None:
        self._origins = origins

    def headers(self, request: Request) -> dict[str, str]:
        """Return the headers of every answer."""
        if "*" in self._origins:
            return ANY_ORIGIN
        if not self._origins:
            return {}
        origin = request.header("origin")
        if origin is None or origin not in self._origins:
            return {"vary": "origin"}
        return {**ANY_ORIGIN, "vary": "origin", "access-control-allow-origin": origin}

    def preflight(self, request: Request) -> dict[str, str] | None:
        """Return further headers of a preflight's answer; None where a request is none."""
        is_one = request.method == "OPTIONS" and request.header("access-control-request-method")
        return PREFLIGHT if is_one and request.header("origin") else None
