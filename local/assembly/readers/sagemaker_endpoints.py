"""Reads `AWS::SageMaker::Endpoint` with its configuration and models."""

from collections.abc import Iterator

from local.assembly.assets import Assets
from local.assembly.resources.sagemaker_endpoint import AsyncInferenceConfig, Endpoint, Variant
from local.cloudformation.resolver import Resolver
from local.cloudformation.template import Resource
from local.json_types import Json


class EndpointReader:
    """Turns resources into endpoints."""

    def __init__(self, resolver: Resolver, assets: Assets) -> None:
        self._resolver = resolver
        self._assets = assets
        self._configs = self._by_name("EndpointConfig", "EndpointConfigName")
        self._models = self._by_name("Model", "ModelName")

    def read(self) -> Iterator[Endpoint]:
        """Reads every endpoint of the assembly."""
        for resource in self._resolver.of_type("AWS::SageMaker::Endpoint"):
            name = self._resolver.get_att(resource, "EndpointName")
            config = self._configs[self._resolver.property(resource, "EndpointConfigName")]
            shadows = self._variants(config, name, "ShadowProductionVariants")
            yield Endpoint(
                name=name,
                arn=self._resolver.arn("sagemaker", f"endpoint/{name}"),
                variants=self._variants(config, name, "ProductionVariants"),
                shadow=shadows[0] if shadows else None,
                async_inference=_async_inference(
                    self._resolver.property(config, "AsyncInferenceConfig")
                ),
            )

    def _by_name(self, kind: str, attribute: str) -> dict[str, Resource]:
        return {
            self._resolver.get_att(resource, attribute): resource
            for resource in self._resolver.of_type(f"AWS::SageMaker::{kind}")
        }

    def _variants(self, config: Resource, endpoint: str, key: str) -> tuple[Variant, ...]:
        entries = self._resolver.property(config, key, [])
        return tuple(self._variant(config, endpoint, entry) for entry in entries)

    def _variant(self, config: Resource, endpoint: str, entry: Json) -> Variant:
        model = self._models[entry["ModelName"]]
        container = self._resolver.property(model, "PrimaryContainer")
        source = container.get("ModelDataSource", {}).get("S3DataSource", {})
        image: str = container["Image"]
        # An asset manifest publishes the project's own image; nothing publishes another's.
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


def _async_inference(config: Json) -> AsyncInferenceConfig | None:
    if not config:
        return None
    output = config["OutputConfig"]
    topics = output.get("NotificationConfig", {})
    return AsyncInferenceConfig(
        max_concurrent=int(
            config.get("ClientConfig", {}).get("MaxConcurrentInvocationsPerInstance", 4)
        ),
        output=output["S3OutputPath"].rstrip("/"),
        failure=output.get("S3FailurePath", output["S3OutputPath"]).rstrip("/"),
        success_topic=topics.get("SuccessTopic"),
        error_topic=topics.get("ErrorTopic"),
    )
