"""The state of a model, JSON-ready, as `GET /models/{model}` and the operator's command show it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from modelmount_compiler.compilation import Compilation, Timing
from serving.records import codec
from serving.records.manifest import Manifest, Source
from serving.records.uploads import Pending, Waiting
from serving.repository.model_status import ModelStatus
from serving.repository.rules import is_same_write


def render(status: ModelStatus, aside: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the state of a model and of its versions, oldest first.

    Args:
        aside: what is told of versions that are put aside for their failures.
    """
    versions = sorted(
        _versions(status, aside or {}), key=lambda v: (str(v["since"]), str(v["version"]))
    )
    return {
        "model": status.model,
        "state": status.state,
        "current": status.current,
        "pinned": status.selection.pinned,
        "versions": versions,
    }


def _versions(status: ModelStatus, aside: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    # What is prepared again serves meanwhile.
    arriving = [pending for pending in status.pending if not pending.renews]
    for manifest in status.ready:
        if manifest.version == status.current or not _is_in(arriving, manifest.source):
            told = aside.get(manifest.version)
            extra = {"put_aside": told} if told else {}
            yield _ready(manifest, _state(manifest.version, status)) | extra
    serving = [m for m in status.ready if m.version == status.current]
    for pending in arriving:
        if not _is_in(serving, pending.source):
            yield _on_its_way(pending)
    for waiting in status.waiting:
        if not _is_in([*status.ready, *status.pending], waiting.source):
            yield _incomplete(waiting)
    for rejection in status.rejected:
        yield {
            "version": rejection.version,
            "state": "rejected",
            "since": rejection.at,
            "code": rejection.code,
            "reason": rejection.reason,
            "source": codec.encode(rejection.source),
        }
    yield from _withdrawn(status)


def _withdrawn(status: ModelStatus) -> Iterator[dict[str, Any]]:
    for stone in status.withdrawn:
        for version in stone.versions:
            if version not in status.versions:
                yield {"version": version, "state": "withdrawn", "since": stone.at}


def _is_in(known: Sequence[Manifest | Pending], source: Source) -> bool:
    """Whether one of them is the same upload: while it is published, it is pending and ready."""
    return any(is_same_write(one.source, source) for one in known)


def _on_its_way(pending: Pending) -> dict[str, Any]:
    return {
        "version": pending.version,
        "state": "preparing" if pending.files else "staged",
        "since": pending.since,
        "source": codec.encode(pending.source),
        **({"reason": pending.reason} if pending.reason else {}),
    }


def _incomplete(waiting: Waiting) -> dict[str, Any]:
    return {
        "version": waiting.version,
        "state": "waiting",
        "since": waiting.since,
        "reason": waiting.reason,
        "missing": list(waiting.missing),
        "source": codec.encode(waiting.source),
    }


def _state(version: str, status: ModelStatus) -> str:
    if version == status.current:
        return "pinned" if version == status.selection.pinned else "current"
    return "rolled_back" if version in status.selection.rolled_back else "ready"


def _ready(manifest: Manifest, state: str) -> dict[str, Any]:
    return {
        "version": manifest.version,
        "state": state,
        "since": manifest.published_at,
        "source": codec.encode(manifest.source),
        "files": [codec.encode(file) for file in manifest.files],
        **({"reason": manifest.kept_because} if manifest.kept_because else {}),
        **codec.encode(manifest.description),
        **_compilation(manifest.description.compilation),
    }


def _compilation(compilation: Compilation | None) -> dict[str, Any]:
    """Show the record, and what it says in a line for people."""
    if compilation is None:
        return {}
    return {"compilation": {"summary": _summary(compilation), **codec.encode(compilation)}}


def _summary(compilation: Compilation) -> str:
    serving = [proof for proof in compilation.methods if proof.reason is None]
    if not serving:
        return f"served as uploaded: {compilation.reason}"
    first = serving[0]
    timing = next((t for t in first.timings if first.covers(t.rows)), None)
    speed = f"{_times(timing)}, " if timing else ""
    return f"{first.method}: {speed}{first.flips} flips on {first.probes:,} probes"


def _times(timing: Timing) -> str:
    ratio = timing.original_us / timing.compiled_us
    rows = "one row" if timing.rows == 1 else f"{timing.rows} rows"
    return f"{ratio:.{0 if ratio >= 10 else 1}f}x faster for {rows}"
