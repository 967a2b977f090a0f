"""What a candidate goes through before it may serve: recognised, scanned, loaded, described."""

import dataclasses
import json
import logging
import time
from pathlib import Path
from typing import Any

from modelmount_compiler.compilation import Compilation
from preparation.sandbox import ChildFailed, run_child
from serving.errors import RecordError, UploadRejected
from serving.formats.model_formats import recognise
from serving.records import codec
from serving.records.manifest import Description
from serving.records.object_keys import MODEL_JSON, is_model_json
from serving.records.verdicts import Candidate, Verdict
from serving.repository.candidates import Candidates

# Formats whose files can execute code when they are loaded.
CODE_BEARING_FORMATS = ("joblib", "pickle")
logger = logging.getLogger(__name__)

# The function's own share of its memory and of its time: to report what became of the child.
RESERVED_MB = 256
RESERVED_SECONDS = 20.0


class Preparer:
    """Loads candidates where their code can do no harm, and writes down what they are.

    Args:
        compile_seconds: most time for compiling one and proving it; 0 for none.
        scans: without it pickles are loaded unseen, and the sandbox alone stands.
    """

    def __init__(
        self,
        candidates: Candidates,
        trusted_formats: tuple[str, ...],
        memory_mb: int,
        *,
        compile_seconds: float = 0,
        scans: bool = True,
    ) -> None:
        self._candidates = candidates
        self._trusted_formats = trusted_formats
        self._compile_seconds = compile_seconds
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
            scan = ["-m", "preparation.scan.scan", str(path), fmt, str(self._memory_bytes)]
            self._ask_child(scan, seconds, "SCAN_FAILED")
            seconds = max(deadline - time.monotonic(), 1)
        listing = self._listing(verdict)
        child = ["-m", "preparation.describe", str(path), fmt, *listing]
        report = self._ask_child(child, seconds, "LOAD_FAILED")
        description = codec.decode(Description, report["description"])
        seconds = min(self._compile_seconds, deadline - time.monotonic())
        if seconds > 0:
            target = self._candidates.compiled(verdict.candidate)
            arguments = [str(path), fmt, str(target), str(seconds), *listing]
            compilation = self._compile(arguments, target, seconds)
            description = dataclasses.replace(description, compilation=compilation)
        self._candidates.describe(verdict.candidate, description)

    def _listing(self, verdict: Candidate) -> list[str]:
        """Return the path of the `model.json`, whose examples the model must meet, if any."""
        if not is_model_json(verdict.source.key):
            return []
        return [str(self._candidates.files(verdict.candidate) / MODEL_JSON)]

    def _compile(self, arguments: list[str], target: Path, seconds: float) -> Compilation:
        """Have a child compile the model into `target`; if it can't, the original serves."""
        try:
            found = run_child(
                ["-m", "preparation.compile", *arguments],
                seconds=seconds,
                memory_bytes=self._memory_bytes,
                doing="Compiling it",
            )
            return codec.decode(Compilation, json.loads(found)["compilation"])
        except (ChildFailed, RecordError) as error:
            target.unlink(missing_ok=True)
            return Compilation(None, str(error), seconds_allowed=seconds)

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
