"""Reads `AWS::Lambda::Alias` and `AWS::Lambda::Permission`."""

from collections.abc import Iterator

from local.assembly.resources.lambda_function import Alias, Permission
from local.cloudformation.resolver import Resolver


def read_aliases(resolver: Resolver) -> Iterator[Alias]:
    """Reads every alias of a function."""
    for resource in resolver.of_type("AWS::Lambda::Alias"):
        provisioned = resolver.property(resource, "ProvisionedConcurrencyConfig", {})
        yield Alias(
            where=resource.where,
            arn=resolver.ref(resource),
            function_arn=_as_arn(resolver, resolver.property(resource, "FunctionName")),
            provisioned=int(provisioned.get("ProvisionedConcurrentExecutions", 0)),
        )


def read_permissions(resolver: Resolver) -> Iterator[Permission]:
    """Reads the resource policies of all functions."""
    for resource in resolver.of_type("AWS::Lambda::Permission"):
        yield Permission(
            function_arn=_as_arn(resolver, resolver.property(resource, "FunctionName")),
            principal=resolver.property(resource, "Principal"),
            source_arn=resolver.property(resource, "SourceArn"),
        )


def _as_arn(resolver: Resolver, function: str) -> str:
    if function.startswith("arn:"):
        return function
    return resolver.arn("lambda", f"function:{function}")
