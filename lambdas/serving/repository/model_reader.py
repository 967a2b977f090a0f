"""The folder `models/`, for reading: which version serves, and the state of each model."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from serving.errors import ModelNotFound
from serving.records.manifest import Manifest
from serving.records.naming import is_valid_name, normalize
from serving.repository.model_folder import ModelFolder, PublishedVersion

if TYPE_CHECKING:
    from serving.records.uploads import Refusal, Selection, Tombstone
    from serving.repository.model_status import ModelStatus

TEMPORARY = ".temporary"
RESOLVE_ATTEMPTS = 5


class ModelReader:
    """Reads the models of a repository.

    What serves is read with as few modules as possible; a cold start does without the rest.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    @property
    def temporary(self) -> Path:
        """The folder in which writers begin what they rename into place."""
        return self._root / TEMPORARY

    def names(self) -> list[str]:
        """List every model that was ever uploaded, by name."""
        try:
            with os.scandir(self._root) as entries:  # opened, and so up to date
                return sorted(e.name for e in entries if is_valid_name(e.name) and e.is_dir())
        except FileNotFoundError:
            return []

    def folder(self, model: str) -> Path:
        """Return the model's folder; raises `ModelNotFound` for what can't be a name."""
        return self.model(model).path

    def model(self, model: str) -> ModelFolder:
        """Return the model's folder with what lies in it; raises as `folder` does."""
        name = normalize(model)
        if not is_valid_name(name):
            raise ModelNotFound(f"{model!r:.200} can't be a model's name.")
        return ModelFolder(self._root / name)

    def current(self, model: str) -> str | None:
        """Return the version that serves, or None."""
        return self.model(model).current()

    def manifest(self, model: str, version: str) -> Manifest | None:
        """Read the manifest of a version, or None when there is no such version."""
        return self.model(model).manifest(version)

    def manifests(self, model: str) -> list[Manifest]:
        """Read the manifest of every version that can serve."""
        return self.model(model).manifests()

    def resolve(self, model: str, version: str | None = None) -> PublishedVersion:
        """Find a version that can serve; without `version`, the current one.

        Raises:
            ModelNotFound, VersionNotFound: there is none.
            ModelUnavailable: its first version is still on its way.
        """
        folder = self.model(model)
        for _ in range(RESOLVE_ATTEMPTS):
            wanted = version or folder.current()
            if wanted is None:
                break
            manifest = folder.manifest(wanted)
            if manifest is not None:
                return PublishedVersion(manifest, folder.version(wanted))
            if version is not None:
                break
            # `current` moved on between the two reads and what it named was pruned: look again.
        raise self._why_not_served(model, version)

    def status(self, model: str) -> "ModelStatus":
        """Read the state of one model; raises `ModelNotFound` when it was never uploaded."""
        from serving.repository import model_status  # noqa: PLC0415 (a cold start does without)

        return model_status.read(self.model(model))

    def state(self, model: str) -> str:
        """Return the model's state, as `ModelStatus.state` gives it, for less."""
        return "ready" if self.current(model) else self.status(model).state

    def selection(self, model: str) -> "Selection":
        """Read what an operator pinned or rolled back."""
        from serving.repository import model_status  # noqa: PLC0415 (a cold start does without)

        return model_status.selection(self.model(model))

    def tombstones(self, model: str) -> "list[Tombstone]":
        """Read which objects of a model were deleted."""
        from serving.repository import model_status  # noqa: PLC0415 (a cold start does without)

        return model_status.tombstones(self.model(model))

    def refusals(self) -> "list[Refusal]":
        """List the uploads whose key names no model."""
        from serving.repository import model_status  # noqa: PLC0415 (a cold start does without)

        return model_status.refusals(self._root)

    def _why_not_served(self, model: str, version: str | None) -> Exception:
        from serving.repository import model_status  # noqa: PLC0415 (a cold start does without)

        return model_status.why_not_served(self.status(model), model, version)
