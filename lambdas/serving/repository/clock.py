"""The time of day, as records have it."""

from datetime import UTC, datetime


def now() -> str:
    """Return the time of day for a record: UTC, ISO 8601, whole seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
