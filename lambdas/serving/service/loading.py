"""Loads a version in one of its forms, and measures the memory that it takes."""

import logging
from typing import Literal

from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.frameworks.program_model import ProgramModel
from modelmount_compiler.program import file
from serving.cache import memory
from serving.cache.loading_cache import Loaded
from serving.records.manifest import Description
from serving.repository.model_folder import PublishedVersion
from serving.service.originals import Originals

logger = logging.getLogger(__name__)
Form = Literal["compiled", "original"]
# Bytes of each loaded model that aren't counted: objects around it, and the allocator's rounding.
FIXED_BYTES = 64 * 1024


def estimate(description: Description, form: Form) -> int:
    """Return the bytes that a form will probably take."""
    compilation = description.compilation
    if form == "compiled" and compilation is not None:
        return compilation.compiled_bytes + FIXED_BYTES
    return description.memory_bytes


def load(resolved: PublishedVersion, form: Form, originals: Originals) -> Loaded[Model]:
    """Load a form; the original stands in for a compiled one that doesn't load.

    Raises:
        ModelUnavailable: it can't be loaded.
    """
    if form == "original":
        return originals.load(resolved)
    try:
        return _load_compiled(resolved)
    except Exception:
        manifest = resolved.manifest
        text = "The compiled form of version %s of %r doesn't load; the original serves"
        logger.exception(text, manifest.version, manifest.model)
        return originals.load(resolved)


def _load_compiled(resolved: PublishedVersion) -> Loaded[Model]:
    """Load the compiled form, whose arrays can be counted."""
    description = resolved.manifest.description
    compilation = description.compilation
    if compilation is None or compilation.file is None:
        raise ValueError("there is none")
    path = resolved.folder / compilation.file
    program = file.read(path)
    size = memory.held_bytes(program) + FIXED_BYTES
    return Loaded(ProgramModel(program, description.signature), size)
