"""Reads `AWS::Events::Rule`."""

from collections.abc import Iterator

from local.assembly.resources.schedule_rule import RuleTarget, ScheduleRule, interval_seconds
from local.cloudformation.resolver import Resolver
from local.errors import AssemblyError


def read_schedule_rules(resolver: Resolver) -> Iterator[ScheduleRule]:
    """Reads every rule. Raises AssemblyError for a rule that can't be run."""
    for resource in resolver.of_type("AWS::Events::Rule"):
        expression = resolver.property(resource, "ScheduleExpression")
        if expression is None:
            raise AssemblyError(f"{resource.where}: only rules on a schedule can be run")
        targets = resolver.property(resource, "Targets", [])
        arn = resolver.get_att(resource, "Arn")
        called = tuple(RuleTarget(target["Arn"], target.get("Input")) for target in targets)
        rule = ScheduleRule(resource.where, arn, expression, called)
        interval_seconds(rule)
        yield rule
