"""A model in a worker process, behind the interface of a model in this one."""

import logging
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.instances import inputs
from modelmount_compiler.instances.batches import Batch, NamedTensors
from modelmount_compiler.signature import Method
from serving.errors import (
    AnswerTooLarge,
    ModelCrashed,
    ModelOutOfMemory,
    ModelTimedOut,
    ModelUnavailable,
)
from workers import answers, questions
from workers.breaker import Breaker
from workers.failures import Crashed, NotStarted, OutOfMemory, TimedOut, WorkerFailed
from workers.frames import LENGTHS
from workers.job import Job
from workers.worker_process import ERROR, LoadFailed, WorkerProcess, told

logger = logging.getLogger(__name__)
# Callers who use one worker, or wait for it: more than these would take all threads.
MAX_CALLERS = 32
# A caller who set off the loading gets so long for the answer at least.
LEAST_SECONDS = 1.0
# The share of an answer's time that a caller may wait for its turn.
WAITING_SHARE = 0.5
# How often a worker's growth is looked at.
CHECK_SECONDS = 1.0
ERRORS: dict[type[WorkerFailed], type[ModelUnavailable]] = {
    Crashed: ModelCrashed,
    TimedOut: ModelTimedOut,
    OutOfMemory: ModelOutOfMemory,
    NotStarted: ModelUnavailable,
}


class ModelFault(Exception):
    """The model's own code raised what no refusal of an input is."""


class WorkerModel(Model):
    """One version's original, in a worker that is started again when it has ended.

    Args:
        python: the interpreter of its environment.
        name: the version's name in texts.
        modules: modules to import before the worker is forked, whose memory it shares.
    """

    def __init__(
        self, python: Path, job: Job, name: str, modules: tuple[str, ...], breaker: Breaker
    ) -> None:
        self._python = python
        self._job = job
        self._name = name
        self._modules = modules
        self._breaker = breaker
        self._turn = threading.Lock()
        # One item for each caller who may come in: half of what a semaphore of Python's takes.
        self._places = deque([None] * MAX_CALLERS)
        self._worker: WorkerProcess | None = None
        self._loaded_since: float | None = None
        self._checked_at = 0.0

    def load(self) -> int:
        """Start the worker; return the memory that it doesn't share, in bytes.

        Raises:
            LoadFailed: the model doesn't load.
            ModelUnavailable: the worker failed, or is put aside.
        """
        bounds, begun = self._job.bounds, time.monotonic()
        self._breaker.claim(bounds.seconds)
        try:
            worker = self._started(begun + (bounds.load_seconds or bounds.seconds))
        except WorkerFailed as failure:
            raise self._failed(failure) from failure
        self._loaded_since = begun if bounds.load_seconds is None else None
        return worker.own_bytes

    def close(self) -> None:
        """End the worker; nobody may be using it."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()

    def answer(self, batch: Batch, method: Method) -> Any:
        """Ask the worker.

        Raises:
            InputMismatch: the instances don't fit the model, or the model refuses them.
            AnswerTooLarge: the platform doesn't carry the answer.
            ModelUnavailable: the worker failed, is put aside, or has too many callers.
            ModelFault: the model's code raised another error.
        """
        header, body = self._question(batch, method)
        self._breaker.check()
        try:
            self._places.pop()
        except IndexError:
            raise self._busy() from None
        try:
            # Who waited has the whole time for its answer: it isn't the model that was slow.
            if not self._turn.acquire(timeout=self._job.bounds.seconds * WAITING_SHARE):
                raise self._busy()
            try:
                self._breaker.claim(self._job.bounds.seconds)
                return self._asked(header, body, self._deadline())
            except WorkerFailed as failure:
                raise self._failed(failure) from failure
            finally:
                self._turn.release()
        finally:
            self._places.append(None)

    def _question(self, batch: Batch, method: Method) -> tuple[bytes, list[bytes | memoryview]]:
        """Return what the worker reads; a matrix is checked and made here, without a framework."""
        signature = self._job.signature
        inputs.check_method(method, signature)
        is_matrix = signature.input == "matrix" and signature.dtype == "number"
        if is_matrix and not isinstance(batch, NamedTensors):
            batch = inputs.for_program(batch, signature)
        try:
            return questions.encode(method, batch, LENGTHS.size)
        except (TypeError, ValueError) as error:
            raise InputMismatch(f"The instances can't be sent to the model: {error}.") from error

    def _deadline(self) -> float:
        now, begun = time.monotonic(), self._loaded_since
        if begun is None:
            return now + self._job.bounds.seconds
        self._loaded_since = None
        return max(begun + self._job.bounds.seconds, now + LEAST_SECONDS)

    def _failed(self, failure: WorkerFailed) -> ModelUnavailable:
        """Note that the worker failed; return the error that the service knows."""
        self._worker = None
        self._breaker.failed(str(failure), count=failure.count)
        text = f"{self._name} {failure}; its process is started again for the next request."
        logger.warning(text)
        return ERRORS[type(failure)](text)

    def _asked(
        self, question: bytes, parts: list[bytes | memoryview], deadline: float
    ) -> Any:  # an array, or a list of arrays
        worker = self._worker
        if worker is None or not worker.is_idle():
            worker = self._again(worker, deadline)
        header, body = worker.ask(question, parts, deadline)
        if header.startswith(ERROR):
            self._raise(told(header), worker)
        try:
            answer = answers.decode(header, body, self._job.bounds.answer_bytes)
        except answers.MalformedAnswer as error:
            worker.end()
            raise Crashed(f"answered with what is no answer ({error})") from error
        self._breaker.succeeded()
        self._check_growth(worker)
        return answer

    def _again(self, ended: WorkerProcess | None, deadline: float) -> WorkerProcess:
        """Start the worker anew: it was ended, or ended while nobody asked it."""
        if ended is not None:
            self._worker = None
            status = ended.end()
            self._breaker.failed("ended while nobody asked it")
            logger.warning("%s ended while nobody asked it (%s)", self._name, status)
            self._breaker.check()
        try:
            return self._started(deadline)
        except LoadFailed as error:
            raise ModelUnavailable(f"{self._name} doesn't load: {error}") from error

    def _started(self, deadline: float) -> WorkerProcess:
        worker = WorkerProcess.start(self._python, self._job, self._modules, deadline)
        self._worker = worker
        return worker

    def _raise(self, error: dict[str, Any], worker: WorkerProcess) -> None:
        """Raise the error that a worker tells."""
        text = error["text"]
        match error["kind"]:
            case "mismatch":
                self._breaker.succeeded()
                raise InputMismatch(text, field=error["field"])
            case "large":
                self._breaker.succeeded()
                raise AnswerTooLarge(f"The answer has {text}; send fewer instances.")
            case "memory":
                worker.end()
                raise OutOfMemory("took more memory than its process may; send fewer instances")
            case _:
                self._breaker.succeeded()
                raise ModelFault(f"{self._name}: {text}\n{error['trace']}")

    def _check_growth(self, worker: WorkerProcess) -> None:
        """End a worker that has grown: the cache counts what it took when it was loaded."""
        now = time.monotonic()
        if now - self._checked_at < CHECK_SECONDS:
            return
        self._checked_at = now
        if worker.own_bytes > self._job.grown_bytes:
            self._worker = None
            worker.end()
            logger.warning("%s had grown; its process is started again", self._name)

    def _busy(self) -> ModelUnavailable:
        return ModelUnavailable(
            f"{self._name} answers other requests, for longer than this one can wait; try again."
        )
