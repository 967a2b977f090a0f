"""Runs moto's server for S3 and SQS, and keeps its content over a restart.

moto holds everything in memory. A clean stop writes a snapshot, and the next start reads and
deletes it. After a kill the bucket therefore starts empty, not with objects deleted since.

`python -m local.s3.moto_server <snapshot>` prints its port.
"""

import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from moto.s3.models import S3Backend, s3_backends
from moto.s3.utils import _VersionedKeyStore
from moto.sqs.models import SQSBackend, sqs_backends

from local.assembly.account import ACCOUNT, REGION

# Types in moto's state that pickle can't write, or writes wrongly.
_REDUCERS: dict[type, Callable[[Any], tuple[Callable[..., object], tuple[object, ...]]]] = {
    type(threading.Lock()): lambda _lock: (threading.Lock, ()),
    type(threading.RLock()): lambda _lock: (threading.RLock, ()),
    # Its items() yields only the newest version of a key; dict's own yields all.
    _VersionedKeyStore: lambda store: (
        _restore_versions,
        (dict(dict.items(store)), vars(store)),
    ),
}


def _restore_versions(
    items: Mapping[str, Any], attributes: Mapping[str, Any]
) -> _VersionedKeyStore:
    store = _VersionedKeyStore()
    dict.update(store, items)
    vars(store).update(attributes)
    return store


def _s3() -> S3Backend:
    return s3_backends[ACCOUNT]["aws"]


def _sqs() -> SQSBackend:
    return sqs_backends[ACCOUNT][REGION]


def save(path: Path) -> None:
    """Writes all buckets and queues, whole or not at all."""
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        pickler = pickle.Pickler(file, pickle.HIGHEST_PROTOCOL)
        pickler.dispatch_table = _REDUCERS
        pickler.dump((_s3().buckets, _sqs().queues))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def load(path: Path) -> None:
    """Restores the snapshot, if there is one, and deletes it."""
    if not path.exists():
        return
    with path.open("rb") as file:
        _s3().buckets, _sqs().queues = pickle.load(file)  # noqa: S301 written by save() above
    s3_backends.bucket_accounts |= dict.fromkeys(_s3().buckets, ("aws", ACCOUNT))
    path.unlink()


def main() -> None:
    """Serves until SIGTERM, then saves."""
    snapshot = Path(sys.argv[1])
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    load(snapshot)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    print(server.get_host_and_port()[1], flush=True)
    stop.wait()
    server.stop()
    save(snapshot)


if __name__ == "__main__":
    main()
