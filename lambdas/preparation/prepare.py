"""Prepares a candidate for serving: recognises, scans, loads, describes and compiles it."""

import dataclasses
import json
import logging
import time
from pathlib import Path
from typing import Any

from modelmount_compiler.compilation import Compilation
from modelmount_compiler.error_texts import without_traces
from preparation import stages
from preparation.sandbox import ChildFailed, run_child
from serving.errors import RecordError, UploadRejected
from serving.formats.model_formats import recognise
from serving.records import codec
from serving.records.manifest import Description
from serving.records.object_keys import MODEL_JSON, read_key
from serving.records.verdicts import Candidate, Verdict
from serving.repository.candidates import Candidates

# Formats whose files can execute code when they are loaded.
CODE_BEARING_FORMATS = ("joblib", "pickle")
logger = logging.getLogger(__name__)

# The parent's own share of memory and time, so that it can report how the child ended.
RESERVED_MB = 256
RESERVED_SECONDS = 20.0


class Preparer:
    """Loads candidates in child processes, where code can do no harm, and describes them.

    Args:
        compile_seconds: the most time for compiling a model and proving it; 0 for none.
        scans: whether pickles are scanned first. Otherwise the sandbox is the only protection.
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
        """Prepare a candidate within so many seconds; return any other verdict unchanged."""
        if not isinstance(verdict, Candidate):
            return verdict
        try:
            self._prepare(verdict, max(seconds - RESERVED_SECONDS, seconds / 2))
        except UploadRejected as error:
            logger.warning("rejected %s of %r: %s", verdict.version, verdict.model, error)
            return verdict.rejected(error.rejection_code, without_traces(str(error)))
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
            scan = ["-m", "preparation.scan.pickle_scan", str(path), fmt, str(self._memory_bytes)]
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
        """Return the path of the `model.json` with the examples, if there is one."""
        # A container's models have names of any form.
        if not read_key(verdict.source.key).is_model_json:
            return []
        return [str(self._candidates.files(verdict.candidate) / MODEL_JSON)]

    def _compile(self, arguments: list[str], target: Path, seconds: float) -> Compilation:
        """Compile the model into `target` in a child.

        If compiling fails, the original serves. If the original itself fails, it is refused.
        """
        try:
            found = run_child(
                ["-m", "preparation.compile", *arguments],
                seconds=seconds,
                memory_bytes=self._memory_bytes,
                doing="Compiling it",
            )
            report = json.loads(found)
            _refuse_if_told(report)
            return codec.decode(Compilation, report["compilation"])
        except ChildFailed as error:
            stages.refuse_if_at_fault(stages.read(error.noted), error.exit_signal, str(error))
            target.unlink(missing_ok=True)
            return Compilation(None, str(error), seconds_allowed=seconds)
        except RecordError as error:
            target.unlink(missing_ok=True)
            return Compilation(None, str(error), seconds_allowed=seconds)

    def _ask_child(self, arguments: list[str], seconds: float, failure: str) -> dict[str, Any]:
        """Return the child's report; raises `UploadRejected` when that is a refusal."""
        try:
            found = run_child(arguments, seconds=seconds, memory_bytes=self._memory_bytes)
        except ChildFailed as error:
            stage = stages.read(error.noted)
            if stage is not None and stage.doing == "asking":
                stages.refuse_if_at_fault(stage, error.exit_signal, str(error))
            raise UploadRejected(failure, str(error)) from error
        report: dict[str, Any] = json.loads(found)
        _refuse_if_told(report)
        return report


def _refuse_if_told(report: dict[str, Any]) -> None:
    """Raise the refusal that a child reports, if it does."""
    if "rejected" in report:
        raise UploadRejected(report["rejected"]["code"], report["rejected"]["reason"])
