"""Preferences with q-values, in Accept and Accept-Encoding: RFC 9110, section 12.4.2."""

import contextlib
from collections.abc import Sequence

MOST_SPECIFIC = 2


def weights(header: str) -> list[tuple[str, float]]:
    """Return the choices of a header in lower case, each with its q-value; 1 where it has none."""
    found = []
    for part in header.split(","):
        name, *parameters = part.split(";")
        if name.strip():
            found.append((name.strip().lower(), _quality(parameters)))
    return found


def media_type(header: str, offered: Sequence[str]) -> str | None:
    """Return the type that Accept prefers among those offered; None where it takes none.

    Of equal ones it is the one that is named more exactly, then the one that is named first.
    """
    accepted = weights(header)
    if not accepted:
        return offered[0]
    ranked = []
    for order, kind in enumerate(offered):
        matches = [
            (specificity, -position, quality)
            for position, (pattern, quality) in enumerate(accepted)
            if (specificity := _specificity(pattern, kind)) is not None
        ]
        if matches:
            specificity, position, quality = max(matches)
            ranked.append((quality, specificity, position, -order))
    best = max(ranked, default=None)
    return offered[-best[3]] if best and best[0] > 0 else None


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            with contextlib.suppress(ValueError):
                quality = float(value)
                return quality if 0 <= quality <= 1 else 1.0
    return 1.0


def _specificity(pattern: str, kind: str) -> int | None:
    """Return how exactly a range names a media type; None where it doesn't."""
    if pattern == kind:
        return MOST_SPECIFIC
    if pattern in ("*/*", "*"):
        return 0
    return 1 if pattern.endswith("/*") and kind.startswith(pattern[:-1]) else None
