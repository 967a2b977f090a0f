"""Versions of many files: which of them wait, and for what."""

import dataclasses

from serving.records.manifest import Manifest, Source
from serving.records.uploads import Pending, Rejection, Waiting
from serving.repository import reading
from serving.repository.changes import Changes
from serving.repository.model_reader import ModelReader
from serving.repository.rules import is_same_write


class Assembly:
    """What the loader notes of a version while its files arrive one by one, in any order."""

    def __init__(self, models: ModelReader, changes: Changes) -> None:
        self._models = models
        self._changes = changes

    def wait(self, waiting: Waiting) -> None:
        """Note that a version isn't complete, unless it is on its way or there by now.

        As long as nothing about it changes, it waits since the first time.
        """
        model, version = waiting.model, waiting.version
        with self._changes.lock(model):
            path = self._changes.waiting(model, version)
            before = reading.read_record(path, Waiting)
            if before is not None and dataclasses.replace(before, since=waiting.since) == waiting:
                return
            status = self._models.status(model)
            under_way: list[Pending | Manifest] = [*status.pending, *status.ready]
            if any(is_same_write(known.source, waiting.source) for known in under_way):
                return
            self._changes.drop_waiting(model, version)
            self._changes.write(path, waiting)

    def is_in_hand(self, model: str, source: Source, cause: str) -> bool:
        """Whether another object's event has these very files copied or prepared right now.

        Not one of the same key: it may be the same event, tried again after it was killed.
        """
        pending = reading.read_record(self._changes.record(model, "pending", source), Pending)
        is_it = pending is not None and pending.source.contents == source.contents
        return pending is not None and is_it and pending.cause != cause

    def is_known_bad(self, model: str, source: Source, cause: str, written_at: str) -> bool:
        """Whether these very files were refused, or their `model.json` whatever lies beside it.

        Args:
            cause: the key of an event, which is somebody's wish to try again where it was
                written later than that.
            written_at: UTC, ISO 8601.
        """
        path = self._changes.record(model, "rejected", source)
        rejection = reading.read_record(path, Rejection)
        if rejection is None or rejection.source.contents not in ("", source.contents):
            return False
        is_other = not rejection.source.contents and cause != source.key
        return is_other or written_at[:19] <= rejection.at[:19]
