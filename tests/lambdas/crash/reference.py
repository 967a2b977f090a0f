"""What a model must be in after its events, told with dictionaries: no files, no crashes."""

from dataclasses import dataclass, field

from serving.manifest import Source


@dataclass(frozen=True)
class Write:
    """One write of an object, and the version that its key and its time give it."""

    source: Source
    version: str
    number: int
    is_good: bool

    @property
    def age(self) -> tuple[str, int, str, str]:
        source = self.source
        return source.last_modified, self.number, source.sequencer, source.version_id


@dataclass
class Reference:
    """One model: what is ready, what is gone for good, and what an operator said."""

    retain: int
    ready: dict[str, Write] = field(default_factory=dict)
    pending: dict[str, tuple[str, Write]] = field(default_factory=dict)
    gone: set[Write] = field(default_factory=set)
    deleted_keys: dict[str, str] = field(default_factory=dict)
    pinned: str | None = None
    rolled_back: set[str] = field(default_factory=set)

    def serves(self) -> str | None:
        return self._choice(self.ready)

    def is_gone(self, write: Write) -> bool:
        deleted_at = self.deleted_keys.get(write.source.key, "")
        return write in self.gone or write.source.sequencer < deleted_at

    def announce(self, candidate: str, write: Write) -> None:
        self.pending[write.version] = candidate, write

    def publish(self, candidate: str, write: Write) -> None:
        if self.pending.get(write.version) != (candidate, write):
            return
        del self.pending[write.version]
        if self.is_gone(write):
            return
        there = self.ready.setdefault(write.version, write)
        if there is write or there.source.etag == write.source.etag:
            self._prune()

    def reject(self, write: Write) -> None:
        if (on_its_way := self.pending.get(write.version)) and on_its_way[1] == write:
            del self.pending[write.version]

    def delete_key(self, key: str, sequencer: str) -> None:
        self.deleted_keys[key] = max(sequencer, self.deleted_keys.get(key, ""))
        self._bury()

    def delete(self, *writes: Write) -> None:
        self.gone.update(writes)
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

    def _bury(self) -> None:
        self.ready = {v: w for v, w in self.ready.items() if not self.is_gone(w)}
        self.pending = {v: p for v, p in self.pending.items() if not self.is_gone(p[1])}
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
