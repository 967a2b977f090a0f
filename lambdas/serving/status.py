"""A model's versions as `GET /models/{model}` shows them."""

from collections.abc import Iterator
from typing import Any

from serving import records
from serving.manifest import Manifest
from serving.repository.models import ModelStatus


def show(status: ModelStatus) -> dict[str, Any]:
    """Return everything about a model, JSON-ready, oldest version first."""
    versions = sorted(_versions(status), key=lambda v: (str(v["since"]), str(v["version"])))
    return {
        "model": status.model,
        "state": status.state,
        "current": status.current,
        "pinned": status.selection.pinned,
        "versions": versions,
    }


def _versions(status: ModelStatus) -> Iterator[dict[str, Any]]:
    for manifest in status.ready:
        yield _ready(manifest, _state(manifest.version, status))
    for pending in status.pending:
        yield {
            "version": pending.version,
            "state": "preparing" if pending.files else "staged",
            "since": pending.since,
            "source": records.encode(pending.source),
        }
    for rejection in status.rejected:
        yield {
            "version": rejection.version,
            "state": "rejected",
            "since": rejection.at,
            "code": rejection.code,
            "reason": rejection.reason,
            "source": records.encode(rejection.source),
        }
    alive = {r.version for group in (status.ready, status.pending, status.rejected) for r in group}
    for stone in status.withdrawn:
        for version in stone.versions:
            if version not in alive:
                yield {"version": version, "state": "withdrawn", "since": stone.at}


def _state(version: str, status: ModelStatus) -> str:
    if version == status.current:
        return "pinned" if version == status.selection.pinned else "current"
    return "rolled_back" if version in status.selection.rolled_back else "ready"


def _ready(manifest: Manifest, state: str) -> dict[str, Any]:
    return {
        "version": manifest.version,
        "state": state,
        "since": manifest.published_at,
        "source": records.encode(manifest.source),
        "files": [records.encode(file) for file in manifest.files],
        **records.encode(manifest.description),
    }
