"""Reads `AWS::SQS::Queue` and `AWS::SNS::Topic`."""

from collections.abc import Iterator

from local.assembly.resources.queue import Queue
from local.cloudformation.resolver import Resolver


def read_queues(resolver: Resolver) -> Iterator[Queue]:
    """Reads every queue."""
    for resource in resolver.of_type("AWS::SQS::Queue"):
        name = resolver.get_att(resource, "QueueName")
        yield Queue(name, resolver.arn("sqs", name))


def read_topic_names(resolver: Resolver) -> Iterator[str]:
    """Reads the name of every topic."""
    for resource in resolver.of_type("AWS::SNS::Topic"):
        yield resolver.ref(resource).rpartition(":")[2]
