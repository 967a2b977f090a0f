"""A reference model of the repository in dictionaries, without files or crashes."""

from dataclasses import dataclass, field

from serving.records.manifest import Source

EXISTS = "VERSION_EXISTS"


@dataclass(frozen=True)
class Write:
    """One write of an object, and the version that its key and its time give it.

    Attributes:
        number: the version, where the key names it; else 0.
    """

    source: Source
    version: str
    number: int
    is_good: bool

    @property
    def age(self) -> tuple[str, int, str, str]:
        return self.source.last_modified, self.number, self.source.key, self.source.sequencer


@dataclass
class Reference:
    """One model: its versions that are ready, refused or gone, and the operator's commands."""

    retain: int
    ready: dict[str, Write] = field(default_factory=dict)
    pending: dict[Write, str] = field(default_factory=dict)
    rejected: dict[Write, str] = field(default_factory=dict)
    gone: set[Write] = field(default_factory=set)
    deleted_keys: dict[str, str] = field(default_factory=dict)
    ordered_away: dict[str, str] = field(default_factory=dict)
    pinned: str | None = None
    rolled_back: set[str] = field(default_factory=set)

    def serves(self) -> str | None:
        return self._choice(self.ready)

    def is_gone(self, write: Write) -> bool:
        """Whether it was deleted or pruned, or an operator deleted what it would become."""
        ordered_at = self.ordered_away.get(write.version, "") if write.number else ""
        return self._is_deleted(write) or write.source.last_modified < ordered_at

    def announce(self, candidate: str, write: Write) -> None:
        self.pending[write] = candidate

    def abandon(self, candidate: str) -> None:
        self.pending = {w: c for w, c in self.pending.items() if c != candidate}

    def publish(self, candidate: str, write: Write) -> None:
        if self.pending.get(write) != candidate:
            return
        del self.pending[write]
        if self.is_gone(write):
            return
        there = self.ready.setdefault(write.version, write)
        if there is not write and there.source.etag != write.source.etag:
            self.reject(write, EXISTS)
            return
        self.rejected.pop(write, None)
        self._prune()

    def reject(self, write: Write, code: str) -> None:
        self.pending.pop(write, None)
        is_true = code != EXISTS or write.version in self.ready
        if is_true and write not in self.ready.values() and not self.is_gone(write):
            self.rejected[write] = code

    def delete_key(self, key: str, sequencer: str) -> None:
        self.deleted_keys[key] = max(sequencer, self.deleted_keys.get(key, ""))
        self._bury()

    def exhume(self, key: str) -> None:
        del self.deleted_keys[key]

    def delete(self, *writes: Write, ordered_at: str = "") -> None:
        """Forget these writes for good; with `ordered_at` an operator said so then."""
        self.gone.update(writes)
        self.ordered_away.update((write.version, ordered_at) for write in writes if ordered_at)
        self._bury()

    def pin(self, version: str) -> bool:
        if version not in self.ready:
            return False
        self.pinned = version
        self.rolled_back.discard(version)
        return True

    def unpin(self) -> bool:
        if not self.ready:
            return False
        self.pinned = None
        return True

    def roll_back(self, version: str | None) -> bool:
        newest, serves = self._newest_first(self.ready), self.serves()
        older = newest[newest.index(serves) + 1 :] if serves else []
        target = version or next(iter(older), None)
        if self.pinned or target is None:
            return False
        self.rolled_back = set(newest[: newest.index(target)])
        return True

    def _is_deleted(self, write: Write) -> bool:
        deleted_at = self.deleted_keys.get(write.source.key, "")
        return write in self.gone or write.source.sequencer < deleted_at

    def _bury(self) -> None:
        left = {v for v, w in self.ready.items() if self._is_deleted(w)}
        self.ready = {v: w for v, w in self.ready.items() if v not in left}
        self.pending = {w: c for w, c in self.pending.items() if not self._is_deleted(w)}
        self.rejected = {
            w: code
            for w, code in self.rejected.items()
            if not self.is_gone(w) and not (code == EXISTS and w.version in left)
        }
        self.rolled_back &= self.ready.keys()  # another upload may take the name

    def _prune(self) -> None:
        kept = {self.serves(), *self._newest_first(self.ready)[: self.retain]}
        self.delete(*(write for version, write in self.ready.items() if version not in kept))

    def _choice(self, versions: dict[str, Write]) -> str | None:
        if self.pinned in versions:
            return self.pinned
        newest = self._newest_first(versions)
        return next((v for v in newest if v not in self.rolled_back), next(iter(newest), None))

    def _newest_first(self, versions: dict[str, Write]) -> list[str]:
        return [w.version for w in sorted(versions.values(), key=lambda w: w.age, reverse=True)]
