"""All that is known of a model: read when somebody asks for it, never to serve."""

from dataclasses import dataclass
from pathlib import Path

from serving.errors import ModelNotFound
from serving.records.manifest import Manifest
from serving.records.uploads import Pending, Refusal, Rejection, Selection, Tombstone, Waiting
from serving.repository import reading
from serving.repository.models import Models

REFUSED = ".refused"
SELECTION = "selection.json"
WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """All that is known of one model; every list is in order of version name."""

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
        """What there is, waits, is on its way or was refused; not what is gone."""
        groups = (self.ready, self.pending, self.waiting, self.rejected)
        return {record.version for group in groups for record in group}

    @property
    def state(self) -> str:
        """`ready`, or what stands instead of a version that serves."""
        if self.current:
            return "ready"
        if self.pending or self.waiting:
            return "pending"
        return "rejected" if self.rejected else "withdrawn"


def read(models: Models, model: str) -> ModelStatus:
    """Read everything about one model; raises `ModelNotFound` when it was never uploaded."""
    folder = models.folder(model)
    if not folder.is_dir():
        raise ModelNotFound(f"There is no model {model!r}. GET /models lists those there are.")
    # Before `pending`: what waits no longer is on its way.
    waiting = reading.read_records(folder / WAITING, Waiting)
    # Before the rest, since an upload's pending record is the last to go: what isn't pending
    # here is published, and `current` was moved.
    pending = sorted(reading.read_records(folder / "pending", Pending), key=_name)
    return ModelStatus(
        model=folder.name,
        current=models.current(model),
        selection=selection(folder),
        ready=models.manifests(model),
        pending=pending,
        rejected=sorted(reading.read_records(folder / "rejected", Rejection), key=_name),
        withdrawn=reading.read_records(folder / "withdrawn", Tombstone),
        waiting=waiting,
    )


def selection(folder: Path) -> Selection:
    """Read what an operator said about which version of a model's folder serves."""
    return reading.read_record(folder / SELECTION, Selection) or Selection()


def refusals(root: Path) -> list[Refusal]:
    """List the uploads whose key names no model."""
    return reading.read_records(root / REFUSED, Refusal)


def _name(record: Pending | Rejection) -> tuple[str, str]:
    return record.version, record.source.key
