"""Snapshots of a repository, without ids and times, and the check that a reader makes."""

import hashlib
from pathlib import Path
from typing import Any

from serving.errors import ModelNotFound, ModelUnavailable
from serving.repository.model_folder import PublishedVersion
from serving.repository.model_reader import ModelReader
from serving.repository.repository import Repository


class Torn(Exception):
    """A reader saw a version that was never uploaded so, or none where one must be."""


def read(models: ModelReader, model: str) -> str | None:
    """Return the version that serves, or None, having held its files against its manifest.

    A version can leave while it is read; then another one serves, and that one is read.
    """
    try:
        resolved = models.resolve(model)
    except (ModelNotFound, ModelUnavailable):
        return None
    try:
        return _verified(resolved)
    except FileNotFoundError:
        if models.current(model) != resolved.manifest.version:
            return read(models, model)
        raise Torn(f"{resolved.manifest.version} serves and misses a file") from None


def _verified(resolved: PublishedVersion) -> str:
    manifest = resolved.manifest
    if not manifest.files:
        raise Torn(f"{manifest.version} has no files")
    for file in manifest.files:
        found = hashlib.sha256((resolved.folder / file.name).read_bytes()).hexdigest()
        if found != file.sha256:
            raise Torn(f"{file.name} isn't the one of the manifest of {manifest.version}")
    return manifest.version


def snapshot(repository: Repository) -> dict[str, Any]:
    """Return the state without times and candidates' ids."""
    models = repository.models
    return {
        **{name: _of_model(models, name) for name in models.names()},
        "refused": [(refusal.key, refusal.code) for refusal in models.refusals()],
    }


def _of_model(models: ModelReader, model: str) -> dict[str, Any]:
    status = models.status(model)
    return {
        "serves": read(models, model),
        "selection": status.selection,
        "ready": {m.version: m.source for m in status.ready if _verified_version(models, m)},
        "pending": {p.version: p.source for p in status.pending},
        "rejected": sorted((r.version, r.code, r.source.version_id) for r in status.rejected),
        "withdrawn": {(t.key, t.version_id): (t.sequencer, t.versions) for t in status.withdrawn},
    }


def _verified_version(models: ModelReader, manifest: Any) -> str:
    return _verified(models.resolve(manifest.model, manifest.version))


def strays(root: Path) -> list[Path]:
    """Return the temporary files that were begun among the models and not finished."""
    return list((root / "models" / ".temporary").glob("*"))
