"""The size of each model that serves, JSON-ready, for whoever chooses the functions' memory."""

from collections.abc import Iterator
from typing import Any, Literal

from serving.records.manifest import Description, Manifest
from serving.repository.model_reader import ModelReader


def render(models: ModelReader) -> list[dict[str, Any]]:
    """Return an entry for each model with a current version, by name."""
    return list(_entries(models))


def _entries(models: ModelReader) -> Iterator[dict[str, Any]]:
    for name in models.names():
        version = models.current(name)
        manifest = models.manifest(name, version) if version else None
        if manifest is not None:
            yield _entry(manifest)


def _entry(manifest: Manifest) -> dict[str, Any]:
    description = manifest.description
    compilation = description.compilation
    return {
        "model": manifest.model,
        "version": manifest.version,
        "format": description.format,
        "memory_bytes": description.memory_bytes,
        "compiled": _compiled(description),
        "compiled_bytes": compilation.compiled_bytes if compilation and compilation.file else 0,
        "one_row_us": _one_row_us(description),
    }


def _compiled(description: Description) -> Literal["all", "some", "none"]:
    """Which calls the compiled form answers: methods, and numbers of rows."""
    compilation = description.compilation
    if compilation is None or compilation.file is None:
        return "none"
    whole = (p.covers(1) and p.max_rows is None for p in compilation.methods)
    return "all" if all(whole) else "some"


def _one_row_us(description: Description) -> float | None:
    """Return the time for a row of the method that is asked without `parameters`."""
    for proof in description.compilation.methods if description.compilation else ():
        for timing in proof.timings:
            if timing.rows == 1:
                return timing.compiled_us if proof.covers(1) else timing.original_us
    return None
