"""S3 buckets and their event notifications."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Notification:
    """A function that gets certain events of a bucket."""

    events: tuple[str, ...]
    function_arn: str
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True)
class Bucket:
    """An S3 bucket."""

    name: str
    arn: str
    versioned: bool
    notifications: tuple[Notification, ...] = ()
