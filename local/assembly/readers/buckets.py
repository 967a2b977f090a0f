"""Reads `AWS::S3::Bucket` with the notifications that CDK's custom resource configures."""

from collections.abc import Iterator

from local.assembly.resources.bucket import Bucket, Notification
from local.cloudformation.resolver import Resolver
from local.cloudformation.template import Resource
from local.errors import AssemblyError
from local.json_types import Json


def read_buckets(resolver: Resolver) -> Iterator[Bucket]:
    """Reads every bucket. Raises AssemblyError for notifications of an unknown one."""
    notifications = dict(_read_notifications(resolver))
    for resource in resolver.of_type("AWS::S3::Bucket"):
        name = resolver.ref(resource)
        status = resolver.property(resource, "VersioningConfiguration", {}).get("Status")
        yield Bucket(name, f"arn:aws:s3:::{name}", status == "Enabled", notifications.pop(name, ()))
    if notifications:
        raise AssemblyError(f"notifications of an unknown bucket: {', '.join(notifications)}")


def _read_notifications(resolver: Resolver) -> Iterator[tuple[str, tuple[Notification, ...]]]:
    for resource in resolver.of_type("Custom::S3BucketNotifications"):
        bucket = resolver.property(resource, "BucketName")
        configuration = resolver.property(resource, "NotificationConfiguration", {})
        others = set(configuration) - {"LambdaFunctionConfigurations"}
        if others:
            raise AssemblyError(
                f"{resource.where}: {', '.join(sorted(others))} can't be run locally, "
                "only LambdaFunctionConfigurations"
            )
        entries = configuration.get("LambdaFunctionConfigurations", [])
        yield bucket, tuple(_notification(resource, entry) for entry in entries)


def _notification(resource: Resource, entry: Json) -> Notification:
    rules: dict[str, str] = {}
    for rule in entry.get("Filter", {}).get("Key", {}).get("FilterRules", []):
        name = rule["Name"].lower()
        if name not in ("prefix", "suffix"):
            raise AssemblyError(
                f"{resource.where}: filter rule {name}: only prefix and suffix exist"
            )
        rules[name] = rule["Value"]
    return Notification(tuple(entry["Events"]), entry["LambdaFunctionArn"], **rules)
