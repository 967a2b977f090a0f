"""SQS queues."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Queue:
    """An SQS queue."""

    name: str
    arn: str
