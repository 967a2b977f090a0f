"""An endpoint on SageMaker, as the setting `sagemaker` describes it."""

import hashlib
from dataclasses import dataclass, field

from stacks.settings.sagemaker.local_storage import has_local_storage
from stacks.settings.sagemaker.rollout import Rollout
from stacks.settings.sagemaker.variant import Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """A variant that receives copies of `percent` of the requests, and never answers."""

    name: str
    variant: Variant
    percent: float = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asynchronous:
    """A queue of requests. The number of instances follows its length, down to none.

    Attributes:
        max_concurrent: the number of requests that an instance handles at a time.
        backlog_per_instance: the target of scaling, in waiting requests.
        max_instances: the largest number while scaling.
    """

    max_concurrent: int = 4
    backlog_per_instance: float = 5.0
    max_instances: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A SageMaker endpoint, with its variants by name."""

    name: str
    variants: tuple[tuple[str, Variant], ...]
    shadow: Shadow | None = None
    asynchronous: Asynchronous | None = None
    rollout: Rollout = field(default_factory=Rollout)
    capture_percent: int = 0

    @property
    def all_variants(self) -> tuple[tuple[str, Variant], ...]:
        """Returns every variant by name, the shadow included."""
        shadow = ((self.shadow.name, self.shadow.variant),) if self.shadow else ()
        return (*self.variants, *shadow)

    @property
    def is_multi_model(self) -> bool:
        """Returns whether a request names one of many models."""
        return any(variant.multi_model for _, variant in self.all_variants)

    @property
    def takes_key(self) -> bool:
        """Returns whether the endpoint's instances have volumes that a key can encrypt.

        All have them, or none: `check_keys` refuses a mixture.
        """
        return not any(
            variant.serverless or has_local_storage(variant.instance_type)
            for _, variant in self.all_variants
        )

    @property
    def is_serverless(self) -> bool:
        """Returns whether the endpoint has no instances."""
        return any(variant.serverless for _, variant in self.all_variants)


def physical_name(stage: str, endpoint: Endpoint) -> str:
    """Returns the endpoint's name on AWS.

    It is fixed because the names of the endpoint's alarms and of its log contain it. Other
    variants make another endpoint: an update in place must keep the variants' names.
    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
    """
    names = "/".join(sorted(name for name, _ in endpoint.all_variants))
    variants = hashlib.sha256(names.encode()).hexdigest()[:4]
    return f"modelmount-{stage}-{variants}-{endpoint.name}".lower()
