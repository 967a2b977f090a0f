"""Subscriptions to functions' logs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LogSubscription:
    """A function that gets the lines of a log that have a word.

    Attributes:
        arn: of the log group, by which the function permits the call.
    """

    where: str
    log_group: str
    arn: str
    word: str
    target: str
