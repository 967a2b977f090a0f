"""Loads a version in one of its forms, and measures the memory that it takes."""

import logging
from typing import Literal

from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.frameworks.program_model import ProgramModel
from modelmount_compiler.frameworks.runtime import Runtime, import_runtime
from modelmount_compiler.program import file
from serving.cache import memory
from serving.cache.loading_cache import Loaded
from serving.errors import ModelUnavailable
from serving.records.manifest import Description
from serving.repository.model_folder import PublishedVersion

logger = logging.getLogger(__name__)
Form = Literal["compiled", "original"]
# Bytes of each loaded model that aren't counted: objects around it, and the allocator's rounding.
FIXED_BYTES = 64 * 1024

_meter = memory.Meter()


def estimate(description: Description, form: Form) -> int:
    """Return the bytes that a form will probably take."""
    compilation = description.compilation
    if form == "compiled" and compilation is not None:
        return compilation.compiled_bytes + FIXED_BYTES
    return description.memory_bytes


def load(resolved: PublishedVersion, form: Form) -> Loaded[Model]:
    """Load a form; the original stands in for a compiled one that doesn't load.

    Raises:
        ModelUnavailable: it can't be loaded.
    """
    if form == "original":
        return _load_original(resolved)
    try:
        return _load_compiled(resolved)
    except Exception:
        manifest = resolved.manifest
        text = "The compiled form of version %s of %r doesn't load; the original serves"
        logger.exception(text, manifest.version, manifest.model)
        return _load_original(resolved)


def _load_compiled(resolved: PublishedVersion) -> Loaded[Model]:
    """Load the compiled form, whose arrays can be counted."""
    description = resolved.manifest.description
    compilation = description.compilation
    if compilation is None or compilation.file is None:
        raise ValueError("there is none")
    path = resolved.folder / compilation.file
    program, _ = _meter.measure(lambda: file.read(path))
    size = memory.held_bytes(program) + FIXED_BYTES
    return Loaded(ProgramModel(program, description.signature), size)


def _load_original(resolved: PublishedVersion) -> Loaded[Model]:
    """Load the file that was uploaded.

    Much of its memory is held by C code that nobody can look into, so the growth of the process
    counts. Where loads ran side by side, their growths can't be told apart. Then the growth counts
    that the preparer measured in a process of its own.
    """
    manifest, description = resolved.manifest, resolved.manifest.description
    try:
        # Imported before the measurement: its modules stay, and aren't a part of the model.
        runtime = import_runtime(description.runtime)
        model, growth = _meter.measure(lambda: _trimmed(runtime, resolved))
    except Exception as error:
        text = f"Version {manifest.version} of {manifest.model!r} doesn't load: {error!r:.500}"
        logger.exception(text)
        raise ModelUnavailable(text) from error
    least = manifest.files[0].size  # a mapped file grows the process only once it is asked
    size = description.memory_bytes if growth is None else max(growth, least)
    return Loaded(model, size + FIXED_BYTES)


def _trimmed(runtime: Runtime, resolved: PublishedVersion) -> Model:
    """Load, and free what loading leaves behind: for a forest, as much again."""
    description = resolved.manifest.description
    loaded = runtime.load(resolved.model_file, description.format)
    model = runtime.Model(loaded, description.signature)
    memory.trim()
    return model
