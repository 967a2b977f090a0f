"""Published models as a reader sees them: what serves, in which state everything else is."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from serving.errors import ModelNotFound, ModelUnavailable, VersionNotFound
from serving.records.manifest import MANIFEST, Manifest
from serving.records.naming import is_valid_name, normalize
from serving.repository import reading

if TYPE_CHECKING:
    from serving.records.uploads import Refusal, Selection
    from serving.repository.model_status import ModelStatus

TEMPORARY = ".temporary"
RESOLVE_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Resolved:
    """A version that serves: its manifest and the folder that holds its files."""

    manifest: Manifest
    folder: Path

    @property
    def model_file(self) -> Path:
        """The file to load, which is the first of the manifest."""
        return self.folder / self.manifest.files[0].name


class Models:
    """The folder `models/`, for reading."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def temporary(self) -> Path:
        """The folder in which writers begin what they rename into place."""
        return self._root / TEMPORARY

    def names(self) -> list[str]:
        """List every model that was ever uploaded, by name."""
        try:
            with os.scandir(self._root) as entries:
                return sorted(e.name for e in entries if is_valid_name(e.name) and e.is_dir())
        except FileNotFoundError:
            return []

    def refusals(self) -> "list[Refusal]":
        """List the uploads whose key names no model."""
        from serving.repository import model_status  # noqa: PLC0415 (a cold start does without)

        return model_status.refusals(self._root)

    def state(self, model: str) -> str:
        """Return the model's state, as `ModelStatus.state` gives it, for less."""
        return "ready" if self.current(model) else self.status(model).state

    def current(self, model: str) -> str | None:
        """Return the version that serves, or None."""
        try:
            return (self.folder(model) / "current").readlink().name
        except (FileNotFoundError, NotADirectoryError):
            return None

    def resolve(self, model: str, version: str | None = None) -> Resolved:
        """Find a version that can serve; without `version`, the current one.

        Raises:
            ModelNotFound, VersionNotFound: there is none.
            ModelUnavailable: its first version is still on its way.
        """
        for _ in range(RESOLVE_ATTEMPTS):
            wanted = version or self.current(model)
            if wanted is None:
                break
            manifest = self.manifest(model, wanted)
            if manifest is not None:
                return Resolved(manifest, self._version_folder(model, wanted))
            if version is not None:
                break
            # `current` moved on between the two reads and what it named was pruned: look again.
        raise self._not_found(model, version)

    def status(self, model: str) -> "ModelStatus":
        """Read everything about one model; raises `ModelNotFound` when it was never uploaded."""
        from serving.repository import model_status  # noqa: PLC0415 (a cold start does without)

        return model_status.read(self, model)

    def selection(self, model: str) -> "Selection":
        """Read what an operator said about which version serves."""
        from serving.repository import model_status  # noqa: PLC0415 (a cold start does without)

        return model_status.selection(self.folder(model))

    def manifests(self, model: str) -> list[Manifest]:
        """Read the manifest of every version that can serve."""
        versions = self.folder(model) / "versions"
        names = sorted(os.listdir(versions)) if versions.is_dir() else []  # noqa: PTH208 (names are wanted)
        found = (self.manifest(model, name) for name in names)
        return [manifest for manifest in found if manifest is not None]

    def folder(self, model: str) -> Path:
        """Return the model's folder; raises `ModelNotFound` for what can't be a name."""
        name = normalize(model)
        if not is_valid_name(name):
            raise ModelNotFound(f"{model!r:.200} can't be a model's name.")
        return self._root / name

    def _version_folder(self, model: str, version: str) -> Path:
        return self.folder(model) / "versions" / version

    def manifest(self, model: str, version: str) -> Manifest | None:
        """Read the manifest of a version, or None when there is no such version."""
        if not is_valid_name(version):
            return None
        return reading.read_record(self._version_folder(model, version) / MANIFEST, Manifest)

    def _not_found(self, model: str, version: str | None) -> Exception:
        status = self.status(model)
        where = f"GET /models/{model} tells more."
        if version is not None:
            have = ", ".join(m.version for m in status.ready) or "none"
            return VersionNotFound(
                f"Model {model!r} has no version {version!r}. It has: {have}.", field="$.version"
            )
        if status.pending:
            return ModelUnavailable(f"Model {model!r} is being prepared; try again soon. {where}")
        if status.waiting:
            reason = max(status.waiting, key=lambda w: w.since).reason
            return ModelUnavailable(f"Model {model!r} isn't complete: {reason} {where}")
        if status.rejected:
            reason = max(status.rejected, key=lambda r: r.at).reason
            return ModelNotFound(f"Model {model!r} was refused when uploaded: {reason} {where}")
        return ModelNotFound(f"Model {model!r} was withdrawn: its object was deleted. {where}")
