"""SageMaker endpoints and their variants."""

from collections.abc import Mapping
from dataclasses import dataclass

from local.assembly.resources.package import ImagePackage


@dataclass(frozen=True)
class Variant:
    """A production variant: a model and its share of the requests.

    Attributes:
        image: the project's own image, staged with the assembly, or another's by its name.
        model_data: `s3://…`, an archive, or a prefix that ends in a slash.
        is_archive: whether `model_data` is an archive to unpack.
        is_multi_model: whether the prefix holds archives that are loaded on request.
    """

    where: str
    endpoint: str
    name: str
    weight: float
    image: ImagePackage | str
    model_data: str
    is_archive: bool
    environment: Mapping[str, str]
    is_multi_model: bool = False


@dataclass(frozen=True)
class AsyncInferenceConfig:
    """The settings of asynchronous requests.

    Attributes:
        output: the S3 prefix of answers.
        failure: the S3 prefix of failures.
    """

    max_concurrent: int
    output: str
    failure: str
    success_topic: str | None
    error_topic: str | None


@dataclass(frozen=True)
class Endpoint:
    """A SageMaker endpoint.

    Attributes:
        async_inference: if set, the endpoint takes asynchronous requests alone.
    """

    name: str
    arn: str
    variants: tuple[Variant, ...]
    shadow: Variant | None
    async_inference: AsyncInferenceConfig | None

    @property
    def all_variants(self) -> tuple[Variant, ...]:
        """The variants, the shadow included."""
        return (*self.variants, self.shadow) if self.shadow else self.variants

    @property
    def is_multi_model(self) -> bool:
        """Whether a request names the model that it is for."""
        return any(variant.is_multi_model for variant in self.variants)
