"""The place that a service takes its models from."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from serving.records.uploads import Refusal
    from serving.repository.model_folder import PublishedVersion
    from serving.repository.model_status import ModelStatus


class ModelSource(Protocol):
    """Models by name: those of a repository, one of them, or the folders of a container."""

    def names(self) -> list[str]:
        """List every model, by name."""

    def current(self, model: str) -> str | None:
        """Return the version that serves, or None."""

    def resolve(self, model: str, version: str | None = None) -> "PublishedVersion":
        """Find a version that can serve; without `version`, the current one.

        Raises:
            ModelNotFound, VersionNotFound: there is none.
            ModelUnavailable: its first version is still on its way.
        """

    def status(self, model: str) -> "ModelStatus":
        """Read the state of one model; raises `ModelNotFound`."""

    def refusals(self) -> "list[Refusal]":
        """List the uploads whose key names no model."""
