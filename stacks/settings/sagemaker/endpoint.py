"""Endpoints on SageMaker as the setting `sagemaker` asks for them."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Serverless:
    """Capacity of a variant without instances; `provisioned` of its requests find it warm."""

    memory_mb: int = 2048
    max_concurrency: int = 5
    provisioned: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A model, and what it runs on.

    Attributes:
        server: `vllm` for vLLM's; None for our own, or what `image` has.
        image: of its container; None for the server's: our own is docker/Dockerfile's target
            `sagemaker`.
        generation: the torch that generates text in our own image, as docker/Dockerfile has it.
        ami: with the drivers that an image for GPUs needs; None for SageMaker's choice.
        weight: its share of what no path sends elsewhere, to the sum of all weights.
        instances: to start with, and at least while it scales.
        max_instances: up to which it scales; None keeps `instances`.
        invocations_per_instance: a minute, which scaling aims at.
        network: whether its container may reach the network, and so AWS, as its role.
        multi_model: whether `model_data` holds many archives, each loaded when it is asked for.
    """

    model_data: str
    server: Literal["vllm"] | None = None
    image: str | None = None
    generation: Literal["cuda", "cpu", "none"] = "cuda"
    ami: str | None = None
    environment: tuple[tuple[str, str], ...] = ()
    weight: float = 1.0
    instance_type: str = "ml.m5.large"
    instances: int = 1
    max_instances: int | None = None
    invocations_per_instance: float = 1000.0
    serverless: Serverless | None = None
    network: bool = False
    multi_model: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """A variant that gets copies of `percent` of the requests, and never answers."""

    name: str
    variant: Variant
    percent: float = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asynchronous:
    """Requests wait in a queue; instances come and go with its length, from none.

    Attributes:
        max_concurrent: requests at a time that an instance gets.
        backlog_per_instance: waiting requests that scaling aims at.
        max_instances: up to which it scales.
    """

    max_concurrent: int = 4
    backlog_per_instance: float = 5.0
    max_instances: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """How an update takes over: all at once, after a first part, or part by part.

    Attributes:
        percent: of the traffic, in the first part of `canary` and in each of `linear`.
        wait_seconds: between parts, while the alarms may take it back.
        max_errors: answers of 5xx within a minute, above which the alarm goes off.
        max_latency_ms: of the slowest percent of a minute's requests, likewise.
    """

    traffic: str = "canary"
    percent: int = 10
    wait_seconds: int = 300
    max_errors: int = 5
    max_latency_ms: int = 10_000

    @property
    def steps_seconds(self) -> int:
        """Return how long an update that nothing disturbs waits in all."""
        steps = {"all_at_once": 1, "canary": 1, "linear": -(-100 // self.percent)}
        return steps[self.traffic] * self.wait_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One SageMaker endpoint, with its variants by name."""

    name: str
    variants: tuple[tuple[str, Variant], ...]
    shadow: Shadow | None = None
    asynchronous: Asynchronous | None = None
    rollout: Rollout = Rollout()
    capture_percent: int = 0

    @property
    def models(self) -> tuple[tuple[str, Variant], ...]:
        """Return every variant by name, the shadow included."""
        shadow = ((self.shadow.name, self.shadow.variant),) if self.shadow else ()
        return (*self.variants, *shadow)

    @property
    def is_multi_model(self) -> bool:
        """Return whether requests say which model of many is meant."""
        return any(variant.multi_model for _, variant in self.models)

    @property
    def is_serverless(self) -> bool:
        """Return whether it has no instances."""
        return any(variant.serverless for _, variant in self.models)


def physical_name(stage: str, endpoint: str) -> str:
    """Return an endpoint's name on AWS: fixed, since its alarms and its log have it in theirs."""
    return f"modelmount-{stage}-{endpoint}".lower()
