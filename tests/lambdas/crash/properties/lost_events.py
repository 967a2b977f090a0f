"""Compares the end that reconcile gives to lost events with the end of their late delivery.

Old writes of a key are left out, because reconcile uses the write that the bucket has now.
"""

from datetime import datetime
from typing import Any

from loader.bucket.events import ObjectEvent
from serving.repository.repository import Repository
from tests.lambdas.crash.listed_bucket import ListedBucket
from tests.lambdas.crash.properties.functions import Functions


class LostEvents:
    """Two ways to handle lost events, each on a repository of its own.

    `lost` are those of `events` that nobody handled to the end.
    """

    def __init__(
        self, bucket: ListedBucket, events: list[ObjectEvent], lost: list[ObjectEvent]
    ) -> None:
        self._bucket, self._events, self._lost = bucket, events, lost

    def delivered(self, functions: Functions) -> dict[str, Any]:
        """Deliver the events, deletions first, and return the state at the end."""
        removals = [event for event in self._lost if event.is_removal and self._matters(event)]
        _handle(functions, removals)
        before = None
        while before != (before := self._end(functions.repository)):
            _handle(functions, self._uploads(functions.repository))
        return before

    def reconciled(self, functions: Functions, now: datetime) -> dict[str, Any]:
        """Reconcile until nothing is left to do, which takes one run as a rule.

        An upload waits for a further run where another key's version must leave its name first.
        """
        for _ in self._events:
            plan = functions.plan(now)
            if not any(plan.as_json().values()):
                break
            for verdict in functions.reconcile(plan, now):
                functions.act(verdict)
        assert not any(functions.plan(now).as_json().values())
        return self._end(functions.repository)

    def _matters(self, removal: ObjectEvent) -> bool:
        """Whether it deleted its key, or what may have been the newest write of it."""
        newest = self._bucket.newest(removal.key.text)
        if newest is None or removal.removed_version_id is None:
            return True
        written = (e.time for e in self._events if e.version_id == removal.version_id)
        return min(written)[:19] >= newest.last_modified[:19]

    def _uploads(self, repository: Repository) -> list[ObjectEvent]:
        """Return the uploads that were begun, and those that the bucket has.

        What was refused stays so until it is uploaded again.
        """
        uploads = {event.version_id: event for event in self._events if not event.is_removal}
        begun, refused = [], set()
        for model in repository.models.names():
            status = repository.models.status(model)
            begun += [p.source for p in status.pending if self._bucket.newest(p.source.key)]
            refused |= {rejection.source.version_id for rejection in status.rejected}
        found = [
            self._bucket.newest(key) for key in sorted({event.key.text for event in self._events})
        ]
        newest = [source for source in found if source and source.version_id not in refused]
        wanted = sorted(begun + newest, key=lambda source: (source.last_modified, source.key))
        return [uploads[version_id] for version_id in dict.fromkeys(s.version_id for s in wanted)]

    def _end(self, repository: Repository) -> dict[str, Any]:
        """Return what serves, what is ready, and what was refused of what the bucket has."""
        end = {}
        for model in repository.models.names():
            status = repository.models.status(model)
            ready = {m.version: m.source.version_id for m in status.ready}
            refused = {
                r.source.version_id: r.code
                for r in status.rejected
                if (newest := self._bucket.newest(r.source.key))
                and newest.version_id == r.source.version_id
            }
            if ready or refused:  # a deletion alone leaves its tombstone
                end[model] = (status.current, ready, refused)
        return end


def _handle(functions: Functions, events: list[ObjectEvent]) -> None:
    """Handle each event to its end before the next: reconcile has one of a version under way."""
    for event in events:
        verdict = functions.judge(event)
        if verdict is not None:
            functions.act(verdict)
