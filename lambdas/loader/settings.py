"""The environments of the loader's functions."""

from dataclasses import dataclass
from pathlib import Path

from modelmount_compiler.compilation import COMPILER_FORMAT
from serving.records.key_layouts import MODEL, KeyLayout
from serving.settings.environment import (
    FromEnvironment,
    directory,
    log_level,
    names,
    positive,
    setting,
)


def image(text: str) -> str:
    """Read the image's name, and add what this code's compiler is; raises `ValueError`."""
    if not text:
        raise ValueError("the image's name")
    return f"{text}-{COMPILER_FORMAT}"


def layouts(text: str) -> tuple[KeyLayout, ...]:
    """Read layouts of keys between commas; raises `ValueError` with what is allowed."""
    found = tuple(KeyLayout.parse(name) for name in names(text))
    if any(layout.folders.count(MODEL) != 1 for layout in found):
        raise ValueError(f"layouts with one {MODEL} each, separated by commas")
    return found


@dataclass(frozen=True, slots=True)
class StageSettings(FromEnvironment):
    """Environment of `loader.handler.stage`.

    Attributes:
        image: names the image in which uploads are prepared.
    """

    repository_dir: Path = setting(directory)
    max_model_bytes: int = setting(positive)
    image: str = setting(image)
    key_layouts: tuple[KeyLayout, ...] = setting(layouts)
    log_level: str = setting(log_level)


@dataclass(frozen=True, slots=True)
class ReconcileSettings(StageSettings):
    """Environment of `loader.handler.reconcile`.

    Attributes:
        restore_concurrency: the most uploads that may be under way while it begins others.
    """

    bucket_name: str = setting(str)
    restore_concurrency: int = setting(positive)


@dataclass(frozen=True, slots=True)
class PublishSettings(FromEnvironment):
    """Environment of `loader.handler.publish`.

    Attributes:
        refused_page: the page that tells about each refusal.
    """

    repository_dir: Path = setting(directory)
    retain_versions: int = setting(positive)
    refused_page: str = setting(str)
    key_layouts: tuple[KeyLayout, ...] = setting(layouts)
    log_level: str = setting(log_level)
