"""The functions' own handlers, chained in one process as Lambda chains them."""

import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lambdas"))

from dispatcher import handler as dispatcher
from loader import handler as loader
from modelmount_compiler.signature import Signature
from preparer import handler as preparer
from serving.records.manifest import Description
from serving.records.verdicts import Candidate, Verdict
from serving.repository.candidates import Candidates

SIGNATURE = Signature("matrix", "number", 4, None, False, ("predict",), [0, 1, 2])
DESCRIPTION = Description("joblib", "sklearn", "x.Y", SIGNATURE, 10_000, 1.0, {})
TIMEOUT_SECONDS = 900
make_preparer = preparer._preparer
Event = dict[str, Any]


class Context:
    """Lambda's context of an invocation that has just begun."""

    def __init__(self) -> None:
        self._ends = time.monotonic() + TIMEOUT_SECONDS

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the function would be stopped."""
        return int((self._ends - time.monotonic()) * 1000)


class SleepingPreparer:
    """Finds every model in order after so many seconds."""

    def __init__(self, candidates: Path, seconds: float) -> None:
        self._candidates = Candidates(candidates)
        self._seconds = seconds

    def judge(self, verdict: Verdict, seconds: float) -> Verdict:  # noqa: ARG002 (the preparer's)
        """Describe the candidate, whatever it is."""
        if isinstance(verdict, Candidate):
            time.sleep(self._seconds)
            prepared = self._candidates.describe(verdict.candidate, DESCRIPTION)
            return verdict.with_result(prepared)
        return verdict


class Chain:
    """The functions from reconcile to publish, and Lambda's API as the dispatcher calls it.

    Attributes:
        runs: of reconcile.
        most_at_once: preparers that ran at the same time.
    """

    def __init__(self, root: Path, bucket: str, concurrency: int, prepare: str) -> None:
        os.environ.update(
            REPOSITORY_DIR=str(root),
            CANDIDATES_DIR=str(root / "candidates"),
            BUCKET_NAME=bucket,
            MAX_MODEL_BYTES="1000000",
            KEY_LAYOUTS="",
            RESTORE_CONCURRENCY=str(concurrency),
            RETAIN_VERSIONS="5",
            REFUSED_PAGE="docs/refused.md",
            TRUSTED_FORMATS="joblib",
            COMPILE_SECONDS="120",
            OWN_CODE="off",
            AWS_LAMBDA_FUNCTION_MEMORY_SIZE="3008",
            IMAGE="benchmark",
            LOG_LEVEL="ERROR",
            PREPARER="preparer",
            PUBLISH="publish",
        )
        for cached in (loader._stager, loader._reconciler, loader._publisher):
            cached.cache_clear()
        make_preparer.cache_clear()
        dispatcher._settings.cache_clear()
        preparer._preparer = make_preparer
        if prepare != "real":
            asleep = SleepingPreparer(root / "candidates", float(prepare))
            preparer._preparer = lambda: asleep  # type: ignore[assignment]  # it judges alike
        dispatcher._client = lambda: self  # type: ignore[assignment]  # it invokes alike
        self._functions: dict[str, Callable[[Event, Any], Event]] = {
            "reconcile": loader.reconcile,
            "preparer": self._prepare,
            "publish": loader.publish,
        }
        self._after = {"reconcile": self._dispatch, "preparer": self._publish}
        self._pool = ThreadPoolExecutor(64)
        self._lock = threading.Lock()
        self._under_way = self._at_once = self.most_at_once = self.runs = 0
        self._took: list[float] = []
        self._idle = threading.Condition()
        self._failure: BaseException | None = None

    @property
    def median_prepare_seconds(self) -> float:
        """The median time of one preparation."""
        return statistics.median(self._took)

    def restore(self) -> float:
        """Send the schedule's event, wait until nothing is left, and return the seconds."""
        started = time.perf_counter()
        self.invoke("reconcile", "Event", b"{}")
        with self._idle:
            self._idle.wait_for(lambda: not self._under_way or self._failure is not None)
        if self._failure:
            raise self._failure
        return time.perf_counter() - started

    def rest(self) -> int:
        """Return how much a further run would find."""
        report = loader.reconcile({"dry_run": True}, Context())
        return sum(map(len, report["plan"].values()))

    def invoke(self, FunctionName: str, InvocationType: str, Payload: bytes) -> None:  # noqa: N803 (boto3's)
        """Queue an event, as Lambda's API does."""
        assert InvocationType == "Event"  # noqa: S101 (the figures mean nothing else)
        with self._idle:
            self._under_way += 1
        future = self._pool.submit(self._run, FunctionName, json.loads(Payload))
        future.add_done_callback(self._done)

    def _run(self, name: str, event: Event) -> None:
        if name == "reconcile":
            self.runs += 1
        answer = self._functions[name](event, Context())
        if name in self._after:
            self._after[name]({"functionArn": f"{name}:$LATEST", "condition": "Success"}, answer)

    def _done(self, future: Future[None]) -> None:
        with self._idle:
            self._under_way -= 1
            self._failure = self._failure or future.exception()
            self._idle.notify_all()

    def _dispatch(self, context: Event, answer: Event) -> None:
        dispatcher.handler({"requestContext": context, "responsePayload": answer}, None)

    def _publish(self, context: Event, answer: Event) -> None:
        record = {"requestContext": context, "responsePayload": answer}
        self.invoke("publish", "Event", json.dumps(record).encode())

    def _prepare(self, event: Event, context: Context) -> Event:
        started = time.perf_counter()
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return preparer.handler(event, context)
        finally:
            with self._lock:
                self._at_once -= 1
                self._took.append(time.perf_counter() - started)
