"""The records of uploads whose key names no model."""

from pathlib import Path

from serving.records.naming import digest
from serving.records.uploads import Refusal
from serving.repository import files, reading
from serving.repository.clock import now
from serving.repository.model_status import REFUSED
from serving.repository.outcome import Outcome

KEPT_REFUSALS = 100


class RefusedKeys:
    """The folder `models/.refused`, for writing."""

    def __init__(self, root: Path, temporary: Path) -> None:
        self._folder = root / REFUSED
        self._temporary = temporary

    def refuse(self, key: str, code: str, reason: str) -> Outcome:
        """Record a key that names no model; the oldest records make room."""
        files.write_record(self._path(key), Refusal(key, code, reason, now()), self._temporary)
        kept = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for path in kept[:-KEPT_REFUSALS]:
            path.unlink(missing_ok=True)
        return Outcome("refused", None, None, reason, key)

    def forgive(self, key: str) -> Outcome:
        """Drop the record of a key: the object is gone."""
        reading.refresh(self._folder)  # another loader may have written it
        self._path(key).unlink(missing_ok=True)
        return Outcome("unknown", None, key=key)

    def _path(self, key: str) -> Path:
        return self._folder / f"{digest(key)}.json"
