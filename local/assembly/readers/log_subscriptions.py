"""Reads `AWS::Logs::SubscriptionFilter`."""

import re
from collections.abc import Iterator

from local.assembly.resources.log_subscription import LogSubscription
from local.cloudformation.resolver import Resolver
from local.errors import AssemblyError


def read_log_subscriptions(resolver: Resolver) -> Iterator[LogSubscription]:
    """Reads every subscription. Raises AssemblyError for one whose filter isn't a single word."""
    for resource in resolver.of_type("AWS::Logs::SubscriptionFilter"):
        word = resolver.property(resource, "FilterPattern")
        if not re.fullmatch(r"\w+", word):
            raise AssemblyError(f"{resource.where}: only a filter of one word can be run")
        group = resolver.property(resource, "LogGroupName")
        yield LogSubscription(
            where=resource.where,
            log_group=group,
            arn=resolver.arn("logs", f"log-group:{group}"),
            word=word,
            target=resolver.property(resource, "DestinationArn"),
        )
