"""A worker: a process that loads one model, and answers what comes by its socket.

What it reads there was written by the process that asks, which is trusted. What it writes may be
hostile to that process, which reads nothing from it but numbers, texts and JSON.
"""

import contextlib
import json
import os
import resource
import signal
import socket
import traceback
from pathlib import Path
from typing import NoReturn

from confinement.confine import confine
from confinement.limits import Held, Limits
from modelmount_compiler.errors import InputMismatch, ModelRejected
from modelmount_compiler.frameworks.chain import uploads
from modelmount_compiler.frameworks.model import Model
from serving.cache import memory
from workers import answers, process_memory, questions, runtimes
from workers.frames import Connection, Gone
from workers.job import Job

REQUEST_BYTES = 2**40  # who asks is trusted
TEXT_LETTERS = 4000
OOM_SCORE = Path("/proc/self/oom_score_adj")
CHANNEL_FD = 3


def main(fd: int, parent: int) -> NoReturn:
    """Serve the socket `fd`, and end with it; called in a new fork of `parent`."""
    code = 1
    try:
        connection = _alone_with(fd)
        with contextlib.suppress(Gone):
            _serve(connection, parent)
        code = 0
    finally:
        os._exit(code)


def be_killed_first() -> None:
    """Have the kernel end this process before the one that answers, where memory runs out."""
    with contextlib.suppress(OSError):
        OOM_SCORE.write_text("1000")


def _alone_with(fd: int) -> Connection:
    """Close all other files of the parent."""
    devnull = os.open(os.devnull, os.O_RDWR)
    if fd != CHANNEL_FD:
        os.dup2(fd, CHANNEL_FD)
    for number in range(3):
        os.dup2(devnull, number)
    os.closerange(CHANNEL_FD + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return Connection(socket.socket(fileno=CHANNEL_FD))


def _serve(connection: Connection, parent: int) -> None:
    _, body = connection.receive(REQUEST_BYTES)
    job = Job.loads(body)
    held = _confined(job, parent)
    memory.return_large_blocks()
    model = _load(job, connection)
    connection.send(json.dumps({"held": str(held), "is_whole": not held.missing}).encode(), ())
    while True:
        header, body = connection.receive(REQUEST_BYTES)
        header, parts = _answer(model, header, body, job.bounds.answer_bytes)
        del body
        connection.send(header, parts)


def _confined(job: Job, parent: int) -> Held:
    """Give up all that the model doesn't need."""
    folders = (job.folder.resolve(), job.model_file.resolve().parent)
    before = process_memory.data_bytes(os.getpid())
    most = before + job.bounds.memory_bytes + job.reserved_bytes
    return confine(Limits(memory_bytes=most, readable=folders, file_bytes=0), parent=parent)


def _load(job: Job, connection: Connection) -> Model:
    """Load the model; tell the error and end where that fails."""
    try:
        runtime = runtimes.prepared(job.runtime, job.folder, job.model_file)
        if job.runtime in runtimes.OWN_CODE:
            loaded = runtime.load(job.model_file, job.format)
        else:
            loaded = uploads.load(job.model_file, job.format, job.runtime, job.chain)
        model = runtime.Model(loaded, job.signature)
        memory.trim()  # loading leaves as much again behind, for a forest
        return model
    except BaseException as error:
        connection.send(_told("load", error), ())
        os._exit(0)


def _answer(
    model: Model, header: bytes, body: memoryview, answer_bytes: int
) -> tuple[bytes, list[memoryview]]:
    try:
        method, batch = questions.decode(header, body)
        return answers.encode(model.answer(batch, method), answer_bytes)
    except InputMismatch as error:
        return _told("mismatch", error, error.field), []
    except answers.TooLarge as error:
        return _told("large", error), []
    except MemoryError as error:
        return _told("memory", error), []
    except Exception as error:
        return _told("fault", error), []


def _told(kind: str, error: BaseException, field: str | None = None) -> bytes:
    is_own = isinstance(error, InputMismatch | ModelRejected)
    text = str(error) if is_own else f"{type(error).__name__}: {error}"
    trace = "" if is_own else "".join(traceback.format_exception(error))[-TEXT_LETTERS:]
    told = {"kind": kind, "text": text[:TEXT_LETTERS], "field": field, "trace": trace}
    return b'{"error":' + json.dumps(told).encode() + b"}"
