"""AWS::SageMaker::Endpoint as the template has it: what is run, and how requests are shared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from local.assembly.assets import Assets
from local.assembly.resources import ImagePackage
from local.cloudformation.intrinsics import Json, Resolver, Resource


@dataclass(frozen=True)
class Variant:
    """A model and its share.

    Attributes:
        image: our own, staged with the assembly; or another's, by its name.
        model_data: `s3://…`, an archive, or a prefix that ends in a slash.
        is_archive: whether it is one, to be unpacked.
        is_multi_model: whether the prefix holds archives, each loaded when it is asked for.
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
class Queue:
    """How asynchronous requests are carried out, and who is told."""

    max_concurrent: int
    output: str
    failure: str
    success_topic: str | None
    error_topic: str | None


@dataclass(frozen=True)
class Endpoint:
    """An endpoint; with a `queue` it takes asynchronous requests alone."""

    name: str
    arn: str
    variants: tuple[Variant, ...]
    shadow: Variant | None
    queue: Queue | None

    @property
    def is_multi_model(self) -> bool:
        """Whether requests say which model of many is meant."""
        return any(variant.is_multi_model for variant in self.variants)


class EndpointReader:
    """Turns resources into endpoints."""

    def __init__(self, resolver: Resolver, assets: Assets) -> None:
        self._resolver = resolver
        self._assets = assets
        resources = [r for s in resolver.stacks.values() for r in s.resources.values()]
        self._endpoints = [r for r in resources if r.type == "AWS::SageMaker::Endpoint"]
        self._configs = self._by_name(resources, "EndpointConfig", "EndpointConfigName")
        self._models = self._by_name(resources, "Model", "ModelName")

    def read(self) -> Iterator[Endpoint]:
        """Read every endpoint of the assembly."""
        for resource in self._endpoints:
            name = str(
                self._resolver.resolve(resource, {"Fn::GetAtt": [resource.id, "EndpointName"]})
            )
            config = self._configs[self._resolver.property(resource, "EndpointConfigName")]
            get = self._resolver.property
            shadows = [
                self._variant(config, name, v) for v in get(config, "ShadowProductionVariants", [])
            ]
            yield Endpoint(
                name=name,
                arn=self._resolver.arn("sagemaker", f"endpoint/{name}"),
                variants=tuple(
                    self._variant(config, name, entry)
                    for entry in get(config, "ProductionVariants")
                ),
                shadow=shadows[0] if shadows else None,
                queue=_queue(get(config, "AsyncInferenceConfig")),
            )

    def _by_name(self, resources: list[Resource], kind: str, attribute: str) -> dict[str, Resource]:
        return {
            str(self._resolver.resolve(r, {"Fn::GetAtt": [r.id, attribute]})): r
            for r in resources
            if r.type == f"AWS::SageMaker::{kind}"
        }

    def _variant(self, config: Resource, endpoint: str, entry: Json) -> Variant:
        model = self._models[entry["ModelName"]]
        container = self._resolver.property(model, "PrimaryContainer")
        source = container.get("ModelDataSource", {}).get("S3DataSource", {})
        image: str = container["Image"]
        # Our own image is the account's; all others belong to somebody else, or to no asset.
        staged = self._assets.has_image(image)
        return Variant(
            where=f"{config.where} {entry['VariantName']}",
            endpoint=endpoint,
            name=entry["VariantName"],
            weight=float(entry.get("InitialVariantWeight", 1)),
            image=self._assets.image_package(model.where, image) if staged else image,
            model_data=container.get("ModelDataUrl") or source["S3Uri"],
            is_archive="ModelDataUrl" in container,
            environment=container.get("Environment", {}),
            is_multi_model=container.get("Mode") == "MultiModel",
        )


def _queue(config: Json) -> Queue | None:
    if not config:
        return None
    output = config["OutputConfig"]
    topics = output.get("NotificationConfig", {})
    return Queue(
        max_concurrent=int(
            config.get("ClientConfig", {}).get("MaxConcurrentInvocationsPerInstance", 4)
        ),
        output=output["S3OutputPath"].rstrip("/"),
        failure=output.get("S3FailurePath", output["S3OutputPath"]).rstrip("/"),
        success_topic=topics.get("SuccessTopic"),
        error_topic=topics.get("ErrorTopic"),
    )
