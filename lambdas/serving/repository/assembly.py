"""Versions of many files that aren't complete yet."""

import dataclasses

from serving.records.manifest import Manifest, Source
from serving.records.uploads import Pending, Rejection, Waiting
from serving.repository import reading
from serving.repository.model_reader import ModelReader
from serving.repository.rules import is_same_write
from serving.repository.upload_log import UploadLog


class Assembly:
    """Keeps the records of versions whose files arrive one by one, in any order."""

    def __init__(self, models: ModelReader, log: UploadLog) -> None:
        self._models = models
        self._log = log

    def wait(self, waiting: Waiting) -> None:
        """Record that a version isn't complete, unless it is on its way or there by now.

        The record keeps its first time as long as nothing else in it changes.
        """
        model, version = waiting.model, waiting.version
        with self._log.lock(model):
            path = self._log.waiting_path(model, version)
            before = reading.read_record(path, Waiting)
            if before is not None and dataclasses.replace(before, since=waiting.since) == waiting:
                return
            status = self._models.status(model)
            under_way: list[Pending | Manifest] = [*status.pending, *status.ready]
            if any(is_same_write(known.source, waiting.source) for known in under_way):
                return
            self._log.drop_waiting(model, version)
            self._log.write(path, waiting)

    def end(self, model: str, version: str) -> None:
        """Forget that files of a version wait for a `model.json`, which will not come."""
        path = self._log.waiting_path(model, version)
        if path.exists():
            with self._log.lock(model):
                waiting = reading.read_record(path, Waiting)
                if waiting is not None and not waiting.source.object_key.is_model_json:
                    self._log.drop_waiting(model, version)

    def is_in_hand(self, model: str, source: Source, cause: str) -> bool:
        """Whether another object's event has these very files copied or prepared right now.

        Not one of the same key: it may be the same event, tried again after it was killed.
        """
        pending = reading.read_record(self._log.pending_path(model, source), Pending)
        is_it = pending is not None and pending.source.contents == source.contents
        return pending is not None and is_it and pending.cause != cause

    def is_known_bad(self, model: str, source: Source, cause: str, written_at: str) -> bool:
        """Whether these very files were refused, or their `model.json` whatever lies beside it.

        Args:
            cause: the key of an event, which is somebody's wish to try again where it was
                written later than that.
            written_at: UTC, ISO 8601.
        """
        path = self._log.rejected_path(model, source)
        rejection = reading.read_record(path, Rejection)
        if rejection is None or rejection.source.contents not in ("", source.contents):
            return False
        is_other = not rejection.source.contents and cause != source.key
        return is_other or written_at[:19] <= rejection.at[:19]
