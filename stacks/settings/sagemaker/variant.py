"""A variant of an endpoint: a model and its capacity."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Serverless:
    """The capacity of a variant without instances.

    Attributes:
        provisioned: the number of concurrent requests for which capacity is kept warm.
    """

    memory_mb: int = 2048
    max_concurrency: int = 5
    provisioned: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A model, its container and its capacity.

    Attributes:
        model_data: the address of the model's files in S3.
        server: `vllm` for vLLM; None for this project's own server, or that of `image`.
        image: the container's image in ECR; None for the image of the server. This project's own
            image is the target `sagemaker` of docker/Dockerfile.
        generation: the build of torch that generates text in this project's own image. The
            setting's default for a serverless variant is `none`.
        ami: the machine image, with the drivers of a GPU; None for SageMaker's choice.
        weight: the share of unaddressed requests, relative to the sum of all weights.
        instances: the number at the start, and the least number while scaling.
        max_instances: the largest number while scaling; None keeps `instances`.
        invocations_per_instance: the target of scaling, in requests per minute.
        network: whether the container may reach the network, and so AWS, with its role.
        multi_model: whether `model_data` holds many archives, each loaded on its first request.
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
