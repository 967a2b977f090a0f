"""The state of one model: its versions, and the uploads that are none yet or never will be.

Listing and describing models need it; a request to an existing version doesn't.
"""

from dataclasses import dataclass
from pathlib import Path

from modelmount_compiler.suggestions import suggestion
from serving.errors import ModelNotFound, ModelUnavailable, VersionNotFound
from serving.records.manifest import Manifest
from serving.records.naming import is_valid_name
from serving.records.uploads import Pending, Refusal, Rejection, Selection, Tombstone, Waiting
from serving.repository import reading
from serving.repository.model_folder import ModelFolder

REFUSED = ".refused"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """The state of one model; every list is in order of version name."""

    model: str
    current: str | None
    selection: Selection
    ready: list[Manifest]
    pending: list[Pending]
    rejected: list[Rejection]
    withdrawn: list[Tombstone]
    waiting: list[Waiting]

    @property
    def versions(self) -> set[str]:
        """The versions that are ready, pending, waiting or rejected; withdrawn ones are not."""
        groups = (self.ready, self.pending, self.waiting, self.rejected)
        return {record.version for group in groups for record in group}

    @property
    def state(self) -> str:
        """`ready` where a version serves; else `pending`, `rejected` or `withdrawn`."""
        if self.current:
            return "ready"
        if self.pending or self.waiting:
            return "pending"
        return "rejected" if self.rejected else "withdrawn"


def read(folder: ModelFolder) -> ModelStatus:
    """Read the state of one model; raises `ModelNotFound` when it was never uploaded."""
    if not reading.refresh(folder.path):
        text = f"There is no model {folder.name!r}. GET /models lists those there are."
        others = (name for name in reading.names(folder.path.parent) if is_valid_name(name))
        meant = suggestion(folder.name, others)
        raise ModelNotFound(text + meant)
    # Before `pending`: what waits no longer is on its way.
    waiting = reading.read_records(folder.waiting, Waiting)
    # Before the rest, since an upload's pending record is the last to go: what isn't pending
    # here is published, and `current` was moved.
    pending = sorted(reading.read_records(folder.pending, Pending), key=_name)
    return ModelStatus(
        model=folder.name,
        current=folder.current(),
        selection=selection(folder),
        ready=folder.manifests(),
        pending=pending,
        rejected=sorted(reading.read_records(folder.rejected, Rejection), key=_name),
        withdrawn=tombstones(folder),
        waiting=waiting,
    )


def selection(folder: ModelFolder) -> Selection:
    """Read what an operator pinned or rolled back."""
    return reading.read_record(folder.selection, Selection) or Selection()


def tombstones(folder: ModelFolder) -> list[Tombstone]:
    """Read which objects of the model were deleted."""
    return reading.read_records(folder.withdrawn, Tombstone)


def refusals(root: Path) -> list[Refusal]:
    """List the uploads whose key names no model."""
    return reading.read_records(root / REFUSED, Refusal)


def why_not_served(status: ModelStatus, asked: str, version: str | None) -> Exception:
    """Return the error for a version that can't serve, or for a model without a current one.

    Args:
        asked: the model's name, as the caller spelt it.
    """
    where = f"GET /models/{asked} tells more."
    if version is not None:
        known = [manifest.version for manifest in status.ready]
        have, meant = ", ".join(known) or "none", suggestion(version, known)
        text = f"Model {asked!r} has no version {version!r:.200}. It has: {have}.{meant}"
        return VersionNotFound(text, field="$.version")
    if status.pending:
        return ModelUnavailable(f"Model {asked!r} is being prepared; try again soon. {where}")
    if status.waiting:
        reason = max(status.waiting, key=lambda w: w.since).reason
        return ModelUnavailable(f"Model {asked!r} isn't complete: {reason} {where}")
    if status.rejected:
        reason = max(status.rejected, key=lambda r: r.at).reason
        return ModelNotFound(f"Model {asked!r} was refused when uploaded: {reason} {where}")
    return ModelNotFound(f"Model {asked!r} was withdrawn: its object was deleted. {where}")


def _name(record: Pending | Rejection) -> tuple[str, str]:
    return record.version, record.source.key
