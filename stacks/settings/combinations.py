"""Checks settings that depend on each other.

Every check raises `SettingsError` with the names and the values of the settings.
"""

from collections.abc import Sequence

from stacks.settings.errors import SettingsError
from stacks.settings.sagemaker.endpoint import Endpoint, physical_name
from stacks.settings.sagemaker.limits import MAX_NAME_LENGTH
from stacks.settings.sagemaker.local_storage import has_local_storage


def check_throughput(mode: str, mibps: int | None) -> None:
    """Checks that a throughput is given in the mode `provisioned`, and in no other."""
    if (mode == "provisioned") != (mibps is not None):
        raise SettingsError(
            f"throughput_mode is {mode!r} and provisioned_throughput_mibps is "
            f"{mibps!r}; the mode 'provisioned' needs it, the "
            "others must not have it."
        )


def check_network(
    vpc_id: str | None, subnet_ids: Sequence[str], availability_zones: Sequence[str]
) -> None:
    """Checks that a VPC and its subnets are given together, and zones for no given VPC."""
    if vpc_id and availability_zones:
        raise SettingsError(
            f"vpc_id is {vpc_id!r} and availability_zones is {availability_zones!r}; "
            "a network that is reused has its zones by subnet_ids."
        )
    if bool(vpc_id) != bool(subnet_ids):
        raise SettingsError(
            f"vpc_id is {vpc_id!r} and subnet_ids is {subnet_ids!r}; give both, "
            "or neither for a network of its own."
        )


def check_user_pool(user_pool_arn: str | None, auth: str) -> None:
    """Checks that a user pool is given for Cognito alone."""
    if user_pool_arn and auth != "cognito":
        raise SettingsError(
            f"user_pool_arn is {user_pool_arn!r} and auth is {auth!r}; "
            "a user pool is for auth='cognito' alone."
        )


def check_keys(kms: str, endpoints: Sequence[Endpoint]) -> None:
    """Checks that with a key of one's own an endpoint's instances all take it, or none."""
    for endpoint in endpoints if kms == "on" else ():
        types = {variant.instance_type for _, variant in endpoint.all_variants}
        if len({has_local_storage(instance_type) for instance_type in types}) > 1:
            raise SettingsError(
                f"kms is 'on' and the endpoint {endpoint.name!r} has {', '.join(sorted(types))}; "
                "those with disks of their own take no key, and the others then get none. "
                "Give them endpoints of their own."
            )


def check_endpoint_names(stage: str, endpoints: Sequence[Endpoint]) -> None:
    """Checks that the name of each endpoint fits into what SageMaker takes."""
    for endpoint in endpoints:
        name = physical_name(stage, endpoint)
        if len(name) > MAX_NAME_LENGTH:
            raise SettingsError(
                f"stage and the endpoint {endpoint.name!r} make the name {name!r}; SageMaker "
                f"takes {MAX_NAME_LENGTH} characters."
            )
