"""Writes and reads moto's objects with pickle; the content of S3 objects stays in files."""

import copyreg
import io
import pickle
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from moto.s3.models import FakeKey

from local.s3.stored_body import StoredBody

Reduced = tuple[Callable[..., Any], tuple[Any, ...]]


def _restore_key(state: dict[str, Any]) -> FakeKey:
    """Makes a key anew; one without content is a part of an upload that was completed."""
    key = cast(FakeKey, FakeKey.__new__(FakeKey))
    vars(key).update(state)
    if state["_value_buffer"] is None:
        key._value_buffer = tempfile.SpooledTemporaryFile()  # noqa: SIM115 (closed by the next line)
        key.dispose()
    key.lock = threading.Lock()
    return key


def _reduce_key(key: FakeKey) -> Reduced:
    state = {name: value for name, value in vars(key).items() if name != "lock"}
    if not isinstance(state["_value_buffer"], StoredBody):
        state["_value_buffer"] = None
    return _restore_key, (state,)


# moto deep-copies every key to list versions; its own way reads all their content.
copyreg.pickle(FakeKey, _reduce_key)


class _Pickler(pickle.Pickler):
    # pickle can't write locks.
    dispatch_table: Mapping[type, Callable[[Any], Reduced]] = {
        FakeKey: _reduce_key,
        type(threading.Lock()): lambda _: (threading.Lock, ()),
        type(threading.RLock()): lambda _: (threading.RLock, ()),
    }

    def persistent_id(self, thing: object) -> str | None:
        return thing.path.name if isinstance(thing, StoredBody) else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, bodies: Path) -> None:
        super().__init__(file)
        self._bodies = bodies

    def persistent_load(self, name: str) -> StoredBody:
        return StoredBody(self._bodies / name)


def dumps(thing: object) -> bytes:
    """Pickles a part of moto's state."""
    file = io.BytesIO()
    _Pickler(file, pickle.HIGHEST_PROTOCOL).dump(thing)
    return file.getvalue()


def loads(data: bytes, bodies: Path) -> Any:
    """Reads what `dumps` wrote; the contents of objects lie in the folder `bodies`."""
    return _Unpickler(io.BytesIO(data), bodies).load()
