"""Reads `AWS::ApiGateway::UsagePlan`: the API keys of a stage, each with its limit."""

from collections.abc import Iterator

from local.assembly.resources.rest_api import ApiKey, ThrottleLimit
from local.cloudformation.resolver import Resolver
from local.cloudformation.template import Resource
from local.json_types import Json


def read_keys(resolver: Resolver, stage: Resource) -> Iterator[ApiKey]:
    """Reads every enabled key of a usage plan that covers the stage."""
    resources = resolver.stacks[stage.stack].resources.values()
    covers = {
        "ApiId": resolver.property(stage, "RestApiId"),
        "Stage": resolver.property(stage, "StageName"),
    }
    plans = {
        resolver.ref(plan): plan
        for plan in resources
        if plan.type == "AWS::ApiGateway::UsagePlan"
        and any(
            covers.items() <= entry.items() for entry in resolver.property(plan, "ApiStages", [])
        )
    }
    keys = {
        resolver.ref(key): key
        for key in resources
        if key.type == "AWS::ApiGateway::ApiKey" and resolver.property(key, "Enabled", True)
    }
    for member in resources:
        if member.type == "AWS::ApiGateway::UsagePlanKey":
            plan = plans.get(resolver.property(member, "UsagePlanId"))
            key_id = resolver.property(member, "KeyId")
            if plan and key_id in keys:
                throttle = resolver.property(plan, "Throttle")
                yield ApiKey(
                    key_id, resolver.property(keys[key_id], "Value"), _throttle_limit(throttle)
                )


def read_limit(resolver: Resolver, stage: Resource) -> ThrottleLimit | None:
    """Reads the stage's own limit for all its methods."""
    for setting in resolver.property(stage, "MethodSettings", []):
        if (setting.get("HttpMethod"), setting.get("ResourcePath")) == ("*", "/*"):
            return _throttle_limit(
                {
                    "RateLimit": setting.get("ThrottlingRateLimit"),
                    "BurstLimit": setting.get("ThrottlingBurstLimit"),
                }
            )
    return None


def _throttle_limit(throttle: Json) -> ThrottleLimit | None:
    if not throttle or throttle.get("RateLimit") is None or throttle.get("BurstLimit") is None:
        return None
    return ThrottleLimit(float(throttle["RateLimit"]), int(throttle["BurstLimit"]))
