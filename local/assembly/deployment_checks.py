"""Checks for the references and permissions without which AWS refuses a deployment."""

from local.assembly.assembly import Assembly
from local.assembly.resources.bucket import Bucket, Notification
from local.assembly.resources.lambda_function import Alias, Function
from local.assembly.resources.log_subscription import LogSubscription
from local.assembly.resources.rest_api import RestApi
from local.assembly.resources.schedule_rule import ScheduleRule
from local.errors import AssemblyError


def check_deployment(assembly: Assembly) -> None:
    """Raises AssemblyError for the first thing that AWS would refuse."""
    for function in assembly.functions.values():
        _check_destinations(assembly, function)
    for alias in assembly.aliases.values():
        _check_alias(assembly, alias)
    for bucket in assembly.buckets.values():
        for notification in bucket.notifications:
            _check_notification(assembly, bucket, notification)
    for rule in assembly.rules:
        for target in rule.targets:
            _check_target(assembly, rule, target.arn)
    for subscription in assembly.log_subscriptions:
        _check_subscription(assembly, subscription)
    for api in assembly.apis:
        _check_integrations(assembly, api)


def _check_integrations(assembly: Assembly, api: RestApi) -> None:
    for method in api.methods:
        if method.function_arn and assembly.invoked(method.function_arn) not in assembly.functions:
            raise AssemblyError(
                f"{method.verb} {method.path} integrates {method.function_arn}, "
                "which is no function of the assembly"
            )


def _check_destinations(assembly: Assembly, function: Function) -> None:
    for destination in (function.events.on_success, function.events.on_failure):
        if destination is not None:
            _check_destination(assembly, function, destination)


def _check_alias(assembly: Assembly, alias: Alias) -> None:
    if alias.function_arn not in assembly.functions:
        raise AssemblyError(f"{alias.where}: {alias.function_arn} is no function of the assembly")


def _check_destination(assembly: Assembly, function: Function, arn: str) -> None:
    if arn in assembly.functions:
        action = "lambda:InvokeFunction"
    elif arn in assembly.queues:
        action = "sqs:SendMessage"
    else:
        raise AssemblyError(
            f"{function.where}: its destination {arn} is no function or queue of the assembly"
        )
    if not function.may(action, arn):
        raise AssemblyError(f"{function.where}: its role lacks {action} on its destination {arn}")


def _check_target(assembly: Assembly, rule: ScheduleRule, arn: str) -> None:
    if assembly.invoked(arn) not in assembly.functions:
        raise AssemblyError(f"{rule.where} calls {arn}, no function of the assembly")
    if not assembly.permits(arn, "events.amazonaws.com", rule.arn):
        raise AssemblyError(
            f"{rule.where} may not invoke {arn}: an AWS::Lambda::Permission for "
            "events.amazonaws.com is missing"
        )


def _check_subscription(assembly: Assembly, subscription: LogSubscription) -> None:
    target = subscription.target
    if target not in assembly.functions:
        raise AssemblyError(f"{subscription.where} calls {target}, no function of the assembly")
    if not assembly.permits(target, "logs.amazonaws.com", subscription.arn):
        raise AssemblyError(
            f"{subscription.where} may not invoke {target}: an AWS::Lambda::Permission for "
            "logs.amazonaws.com is missing"
        )


def _check_notification(assembly: Assembly, bucket: Bucket, notification: Notification) -> None:
    arn = notification.function_arn
    if arn not in assembly.functions:
        raise AssemblyError(f"bucket {bucket.name} notifies {arn}, no function of the assembly")
    if not assembly.permits(arn, "s3.amazonaws.com", bucket.arn):
        raise AssemblyError(
            f"bucket {bucket.name} may not invoke {arn}: an AWS::Lambda::Permission for "
            "s3.amazonaws.com is missing"
        )
