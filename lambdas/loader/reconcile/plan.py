"""The plan of a run of reconcile."""

from dataclasses import dataclass, field

from loader.bucket.events import ObjectEvent
from serving.records.manifest import Manifest
from serving.records.uploads import Pending
from serving.records.verdicts import Rejected, Removed


@dataclass(slots=True)
class Plan:
    """The repairs that a run would make.

    Attributes:
        uploads: objects that no version, record or tombstone accounts for.
        unfinished: uploads that were begun and given up.
        renewals: versions that were prepared in another image than today's.
        removals: objects that the file system knows and the bucket no longer has.
        incomplete: versions whose missing files didn't come in time.
        misdirected: models whose `current` points at the wrong version.
        forgiven: refused keys that are gone.
        leftovers: half-written files of killed processes.
        held_back: removals that are too many to be believed; empty where they were ordered.
        held_back_because: what there is to say of these, for people.
        under_way: uploads that are in somebody's hand.
        put_off: uploads that were put off, for some minutes.
        abandoned: preparations of published versions that were begun and given up.
    """

    uploads: list[ObjectEvent] = field(default_factory=list)
    unfinished: list[Pending] = field(default_factory=list)
    renewals: list[Manifest] = field(default_factory=list)
    removals: list[Removed] = field(default_factory=list)
    incomplete: list[Rejected] = field(default_factory=list)
    misdirected: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    held_back: list[Removed] = field(default_factory=list)
    held_back_because: str = ""
    under_way: list[Pending] = field(default_factory=list)
    put_off: list[Pending] = field(default_factory=list)
    abandoned: list[Pending] = field(default_factory=list)

    def as_json(self) -> dict[str, list[str]]:
        """Return what there is to do, for people."""
        return {
            "uploads": sorted(event.key.text for event in self.uploads),
            "unfinished": [pending.source.key for pending in self.unfinished],
            "renewals": [f"{each.model}/{each.version}" for each in self.renewals],
            "removals": [removed.key for removed in self.removals],
            "incomplete": [f"{each.model}/{each.version}" for each in self.incomplete],
            "misdirected": self.misdirected,
            "forgiven": self.forgiven,
            "leftovers": self.leftovers,
        }
