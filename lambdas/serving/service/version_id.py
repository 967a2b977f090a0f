"""The identity of a version."""

from typing import NamedTuple, Self

from serving.records.manifest import Manifest


class VersionId(NamedTuple):
    """Identity of a version; written anew after a withdrawal it is another."""

    model: str
    version: str
    version_id: str

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        """Return the identity of a manifest's version."""
        return cls(manifest.model, manifest.version, manifest.source.version_id)
