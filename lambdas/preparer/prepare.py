"""What a candidate goes through before it may serve: recognised, scanned, loaded, described."""

import json
import logging
import time
from typing import Any

from preparer.sandbox import ChildFailed, run_child
from serving import records
from serving.errors import UploadRejected
from serving.formats import recognise
from serving.manifest import Description
from serving.naming import MODEL_JSON, is_model_json
from serving.repository import Candidates
from serving.settings import CODE_BEARING_FORMATS
from serving.verdicts import Candidate, Verdict

logger = logging.getLogger(__name__)

# The function's own share of its memory and of its time: to report what became of the child.
RESERVED_MB = 256
RESERVED_SECONDS = 20.0


class Preparer:
    """Loads candidates where their code can do no harm, and writes down what they are.

    Without `scans`, pickles are loaded unseen, and the sandbox alone stands.
    """

    def __init__(
        self,
        candidates: Candidates,
        trusted_formats: tuple[str, ...],
        memory_mb: int,
        *,
        scans: bool = True,
    ) -> None:
        self._candidates = candidates
        self._trusted_formats = trusted_formats
        self._scans = scans
        self._memory_bytes = max(memory_mb - RESERVED_MB, memory_mb // 2) * 1024 * 1024

    def judge(self, verdict: Verdict, seconds: float) -> Verdict:
        """Prepare a candidate within so many seconds; every other verdict stands."""
        if not isinstance(verdict, Candidate):
            return verdict
        try:
            self._prepare(verdict, max(seconds - RESERVED_SECONDS, seconds / 2))
        except UploadRejected as error:
            logger.warning("rejected %s of %r: %s", verdict.version, verdict.model, error)
            return verdict.rejected(error.rejection_code, str(error))
        logger.info("prepared %s of %r", verdict.version, verdict.model)
        return verdict

    def _prepare(self, verdict: Candidate, seconds: float) -> None:
        path = self._candidates.files(verdict.candidate) / verdict.filename
        fmt = recognise(path)
        if fmt in CODE_BEARING_FORMATS and fmt not in self._trusted_formats:
            raise UploadRejected(
                "UNTRUSTED_FORMAT",
                f"Loading a {fmt} file runs code, and this deployment doesn't take such files "
                "(setting trusted_formats). Save the model with skops.io.dump.",
            )
        deadline = time.monotonic() + seconds
        if fmt in CODE_BEARING_FORMATS and self._scans:
            scan = ["-m", "preparer.scan", str(path), fmt, str(self._memory_bytes)]
            self._ask_child(scan, seconds, "SCAN_FAILED")
            seconds = max(deadline - time.monotonic(), 1)
        child = ["-m", "preparer.child", str(path), fmt]
        if is_model_json(verdict.source.key):
            child.append(str(self._candidates.files(verdict.candidate) / MODEL_JSON))
        report = self._ask_child(child, seconds, "LOAD_FAILED")
        description = records.decode(Description, report["description"])
        self._candidates.describe(verdict.candidate, description)

    def _ask_child(self, arguments: list[str], seconds: float, failure: str) -> dict[str, Any]:
        """Return what the child reports; raises `UploadRejected` when that is a refusal."""
        try:
            found = run_child(arguments, seconds=seconds, memory_bytes=self._memory_bytes)
        except ChildFailed as error:
            raise UploadRejected(failure, str(error)) from error
        report: dict[str, Any] = json.loads(found)
        if "rejected" in report:
            raise UploadRejected(report["rejected"]["code"], report["rejected"]["reason"])
        return report
