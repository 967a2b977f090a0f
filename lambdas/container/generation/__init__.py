"""Text generation from an ordinary `save_pretrained` folder, with Hugging Face's transformers.

Nothing here imports torch before a model needs it: a container of other models does without.
"""

import importlib
from pathlib import Path
from typing import cast

from container.settings import ContainerSettings
from serving.api.routing import RouteGroup
from serving.errors import BadRequest

CONFIG = "config.json"
WEIGHTS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)


def is_generator(folder: Path) -> bool:
    """Whether transformers saved a model there."""
    return (folder / CONFIG).is_file() and any((folder / name).is_file() for name in WEIGHTS)


def load_routes(folder: Path, settings: ContainerSettings) -> RouteGroup:
    """Load the model in a folder; raises `BadRequest` where it generates no text."""
    try:
        module = importlib.import_module("container.generation.routes")
    except ModuleNotFoundError as error:
        raise BadRequest(
            f"This folder holds a model for transformers, and {error.name} isn't installed: this "
            "image was built without text generation. Build target sagemaker of docker/Dockerfile "
            "with --build-arg GENERATION=cuda, or cpu."
        ) from error
    return cast(RouteGroup, module.load(folder, settings))
