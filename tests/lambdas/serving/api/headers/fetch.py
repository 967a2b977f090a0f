"""The part of a browser that asks before it sends: https://fetch.spec.whatwg.org/#cors-protocol."""

from collections.abc import Mapping

SAFE_METHODS = {"GET", "HEAD", "POST"}


def preflight(origin: str, method: str, sent: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of the preflight of a request with these headers."""
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": ",".join(sorted(sent)),
    }


def allows(
    answer: Mapping[str, str], origin: str, method: str, sent: Mapping[str, str] | None = None
) -> bool:
    """Whether a browser sends the request after this answer, without credentials of its own."""
    headers = {name.lower(): value for name, value in answer.items()}
    if headers.get("access-control-allow-origin") not in ("*", origin):
        return False
    methods = _names(headers, "access-control-allow-methods")
    names = {name.lower() for name in _names(headers, "access-control-allow-headers")}
    # The wildcard covers every header but Authorization.
    covers = {
        name for name in sent or {} if name in names or ("*" in names and name != "authorization")
    }
    return (method in SAFE_METHODS | methods or "*" in methods) and covers == set(sent or {})


def _names(headers: Mapping[str, str], name: str) -> set[str]:
    return {part.strip() for part in headers.get(name, "").split(",") if part.strip()}
