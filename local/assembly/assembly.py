"""Everything of an assembly that is run locally."""

from collections.abc import Mapping
from dataclasses import dataclass

from local.assembly.resources.bucket import Bucket
from local.assembly.resources.lambda_function import Alias, Function, Permission
from local.assembly.resources.log_subscription import LogSubscription
from local.assembly.resources.queue import Queue
from local.assembly.resources.rest_api import RestApi
from local.assembly.resources.sagemaker_endpoint import Endpoint
from local.assembly.resources.schedule_rule import ScheduleRule


@dataclass(frozen=True)
class Assembly:
    """The typed resources of all stacks.

    Attributes:
        functions: by ARN.
        aliases: by ARN.
        queues: by ARN.
        buckets: by name.
        topics: their names.
        outputs: the stacks' outputs by name, without those for other stacks.
        warnings: a line for each resource that does nothing here.
        endpoints: SageMaker's, by name.
    """

    region: str
    account: str
    functions: Mapping[str, Function]
    aliases: Mapping[str, Alias]
    queues: Mapping[str, Queue]
    topics: tuple[str, ...]
    buckets: Mapping[str, Bucket]
    rules: tuple[ScheduleRule, ...]
    apis: tuple[RestApi, ...]
    permissions: tuple[Permission, ...]
    outputs: Mapping[str, str]
    warnings: tuple[str, ...]
    endpoints: Mapping[str, Endpoint]
    log_subscriptions: tuple[LogSubscription, ...] = ()

    def invoked(self, arn: str) -> str:
        """Returns the function behind an ARN, which may be the function's or an alias's."""
        return self.aliases[arn].function_arn if arn in self.aliases else arn

    def permits(self, function_arn: str, principal: str, source_arn: str) -> bool:
        """Checks whether a service may invoke a function, or an alias by its own permissions."""
        return any(p.allows(function_arn, principal, source_arn) for p in self.permissions)
