"""Keeps moto's buckets and queues on the disk, up to date with every acknowledged write.

moto holds everything in memory. After each write the objects that changed go into a SQLite
database in one transaction, and their content into a file each, before the caller gets an answer.
A killed server therefore starts with every write that was acknowledged.

Uploads in parts that weren't completed are the one thing that isn't kept.
"""

import copy
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from moto.s3.models import FakeBucket, FakeKey, MultipartDict, s3_backends
from moto.s3.utils import _VersionedKeyStore
from moto.sqs.models import sqs_backends

from local.assembly.account import ACCOUNT, REGION
from local.s3 import state_pickle
from local.s3.addressing import split_path
from local.s3.stored_body import store_body

_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS bucket (name TEXT PRIMARY KEY, state BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS object (
    bucket TEXT, key TEXT, state BLOB NOT NULL, bodies TEXT NOT NULL, PRIMARY KEY (bucket, key)
);
CREATE TABLE IF NOT EXISTS queues (id INTEGER PRIMARY KEY CHECK (id = 1), state BLOB NOT NULL);
"""


class ObjectId(NamedTuple):
    """A bucket and a key in it."""

    bucket: str
    key: str


class DurableState:
    """The state in `folder`: a database, and `bodies/` with the objects' content."""

    def __init__(self, folder: Path) -> None:
        self._bodies = folder / "bodies"
        self._bodies.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(folder / "state.db", check_same_thread=False)
        self._database.executescript(_SCHEMA)
        self._lock = threading.Lock()
        # The versions of each object as they were last written. They are compared by identity.
        self._written: dict[ObjectId, tuple[Any, ...]] = {}

    def load(self) -> None:
        """Gives moto the buckets and queues that were written, and deletes unused content."""
        buckets = _buckets()
        for name, state in self._database.execute("SELECT name, state FROM bucket"):
            buckets[name] = state_pickle.loads(state, self._bodies)
            s3_backends.bucket_accounts[name] = ("aws", ACCOUNT)
        used: set[str] = set()
        for bucket, key, state, bodies in self._database.execute("SELECT * FROM object"):
            versions = state_pickle.loads(state, self._bodies)
            dict.__setitem__(buckets[bucket].keys, key, versions)
            self._written[ObjectId(bucket, key)] = tuple(versions)
            used.update(bodies.split())
        for (state,) in self._database.execute("SELECT state FROM queues"):
            sqs_backends[ACCOUNT][REGION].queues = state_pickle.loads(state, self._bodies)
        self._delete_bodies({path.name for path in self._bodies.iterdir()} - used)

    def commit(self, raw_path: str, host: str) -> None:
        """Writes what a request has changed. Raises `sqlite3.Error` or `OSError`."""
        with self._lock:
            unused: set[str] = set()
            with self._database:
                self._write_buckets()
                kept: set[str] = set()
                for changed in self._changed(*split_path(raw_path, host, _buckets())):
                    before, after = self._write_object(changed)
                    unused |= before
                    kept |= after
                self._write_queues()
            self._delete_bodies(unused - kept)

    def close(self) -> None:
        """Closes the database."""
        self._database.close()

    def _changed(self, bucket: str, key: str) -> Iterable[ObjectId]:
        """Returns the object that was asked for; without a key, all with other versions."""
        if bucket in _buckets() and key:
            return [ObjectId(bucket, key)]
        there = dict(_objects())
        all_known = there.keys() | self._written.keys()
        return [each for each in all_known if there.get(each) != self._written.get(each)]

    def _write_object(self, changed: ObjectId) -> tuple[set[str], set[str]]:
        """Writes all versions of an object; returns the bodies it had before, and has now."""
        bucket = _buckets().get(changed.bucket)
        versions = list(bucket.keys.getlist(changed.key, [])) if bucket else []
        select = "SELECT bodies FROM object WHERE bucket = ? AND key = ?"
        row = self._database.execute(select, changed).fetchone()
        before = set(row[0].split()) if row else set()
        if not versions:
            self._database.execute("DELETE FROM object WHERE bucket = ? AND key = ?", changed)
            self._written.pop(changed, None)
            return before, set()
        keys = [version for version in versions if isinstance(version, FakeKey)]
        after = {store_body(key, self._bodies) for key in keys}
        self._database.execute(
            "INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?)",
            (*changed, state_pickle.dumps(versions), " ".join(sorted(after))),
        )
        self._written[changed] = tuple(versions)
        return before, after

    def _write_buckets(self) -> None:
        buckets = dict(_buckets())
        for (name,) in self._database.execute("SELECT name FROM bucket").fetchall():
            if name not in buckets:
                self._database.execute("DELETE FROM bucket WHERE name = ?", (name,))
        for name, bucket in buckets.items():
            state = state_pickle.dumps(_without_objects(bucket))
            self._database.execute("INSERT OR REPLACE INTO bucket VALUES (?, ?)", (name, state))

    def _write_queues(self) -> None:
        state = state_pickle.dumps(sqs_backends[ACCOUNT][REGION].queues)
        self._database.execute("INSERT OR REPLACE INTO queues VALUES (1, ?)", (state,))

    def _delete_bodies(self, names: set[str]) -> None:
        for name in names:
            (self._bodies / name).unlink(missing_ok=True)


def _buckets() -> dict[str, FakeBucket]:
    return s3_backends[ACCOUNT]["aws"].buckets


def _objects() -> Iterator[tuple[ObjectId, tuple[Any, ...]]]:
    for name, bucket in dict(_buckets()).items():
        # The store's own items() yields only the newest version of a key.
        for key, versions in dict.items(dict(bucket.keys)):
            yield ObjectId(name, key), tuple(versions)


def _without_objects(bucket: FakeBucket) -> FakeBucket:
    shallow = copy.copy(bucket)
    shallow.keys, shallow.multiparts = _VersionedKeyStore(), MultipartDict()
    return shallow
