"""Prepares a candidate for serving: recognises, scans, loads, describes and compiles it."""

import dataclasses
import logging
import re
import time
from pathlib import Path, PurePosixPath
from typing import Any

from modelmount_compiler.compilation import Compilation
from modelmount_compiler.error_texts import without_traces
from preparation import chained, stages, stated_versions
from preparation.chained import FOLDER
from preparation.sandbox import ChildFailed, read_report, run_child
from serving.errors import RecordError, UploadRejected
from serving.formats import pieces
from serving.formats.model_formats import RUNTIMES
from serving.formats.pieces import Upload
from serving.records import codec
from serving.records.manifest import Description
from serving.records.object_keys import MODEL_JSON
from serving.records.verdicts import Candidate, Prepared, Verdict
from serving.repository.candidates import Candidates
from serving.repository.handover import NoRegularFile

CODE = re.compile(r"[A-Z][A-Z0-9_]{1,40}")
MAX_REASON = 4000
logger = logging.getLogger(__name__)

# The parent's own share of memory and time, so that it can report how the child ended.
RESERVED_MB = 256
RESERVED_SECONDS = 20.0
LOAD_SECONDS = 60.0


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
            prepared = self._prepare(verdict, max(seconds - RESERVED_SECONDS, seconds / 2))
        except UploadRejected as refused:
            path = self._candidates.files(verdict.candidate) / verdict.filename
            error = stated_versions.explained(refused, path)
            logger.warning("rejected %s of %r: %s", verdict.version, verdict.model, error)
            return verdict.rejected(error.rejection_code, without_traces(str(error)))
        logger.info("prepared %s of %r", verdict.version, verdict.model)
        return verdict.with_result(prepared)

    def _prepare(self, verdict: Candidate, seconds: float) -> Prepared:
        files = self._candidates.files(verdict.candidate)
        path = files / verdict.filename
        # A container's files can be links.
        readable = (files, path)
        upload = pieces.read(files, verdict.filename)
        fmt = upload.files[0][1]
        deadline = time.monotonic() + seconds
        for name, each in upload.pickles:
            if each not in self._trusted_formats:
                raise UploadRejected(
                    "UNTRUSTED_FORMAT",
                    f"Loading a {each} file runs code, and this deployment doesn't take such files "
                    "(setting trusted_formats). Save the model with skops.io.dump.",
                )
            if self._scans:
                piece = (files / name, each)
                self._scan(piece, readable, max(deadline - time.monotonic(), 1), upload)
        seconds = max(deadline - time.monotonic(), 1)
        listing = self._listing(verdict)
        child = ["preparation.describe", str(path), fmt, *listing, f"{FOLDER}{files}"]
        report = self._ask_child(child, readable, seconds, "LOAD_FAILED")
        description = self._description(report, fmt)
        description = chained.checked(description, upload)
        seconds, sha256 = min(self._compile_seconds, deadline - time.monotonic()), None
        if seconds > 0:
            compilation, sha256 = self._compile(
                verdict.candidate,
                [str(path), fmt, *listing, *chained.arguments(description.chain)],
                readable,
                seconds,
            )
            description = dataclasses.replace(description, compilation=compilation)
        return self._candidates.describe(verdict.candidate, description, sha256)

    def _scan(
        self, piece: tuple[Path, str], readable: tuple[Path, ...], seconds: float, upload: Upload
    ) -> None:
        """Scan one pickle of an upload; the refusal of one of several names it."""
        path, fmt = piece
        scan = ["preparation.scan.pickle_scan", str(path), fmt, str(self._memory_bytes)]
        try:
            self._ask_child(scan, readable, seconds, "SCAN_FAILED")
        except UploadRejected as refused:
            if len(upload.files) == 1:
                raise
            text = f"{path.name!r:.200}: {refused}"
            raise UploadRejected(refused.rejection_code, text) from refused

    def _listing(self, verdict: Candidate) -> list[str]:
        """Return the path of the `model.json` with the examples, if there is one."""
        # A container's models have names of any form.
        if PurePosixPath(verdict.source.key).name != MODEL_JSON:
            return []
        return [str(self._candidates.files(verdict.candidate) / MODEL_JSON)]

    def _compile(
        self, candidate: str, model: list[str], readable: tuple[Path, ...], seconds: float
    ) -> tuple[Compilation, str | None]:
        """Compile the model in a child and take the result, with its SHA-256.

        If compiling fails, the original serves. If the original itself fails, it is refused.
        """
        name = self._candidates.compiled(candidate).name
        try:
            with self._candidates.workplace(candidate) as folder:
                made = folder / name
                found = run_child(
                    ["preparation.compile", str(made), str(seconds), *model],
                    seconds=seconds,
                    memory_bytes=self._memory_bytes,
                    doing="Compiling it",
                    readable=readable,
                    writable=(folder,),
                    file_bytes=self._memory_bytes,
                )
                report = read_report(found)
                _refuse_if_told(report, "LOAD_FAILED")
                compilation = codec.decode(Compilation, report.get("compilation"))
                if compilation.file is None:
                    return compilation, None
                if compilation.file != name:
                    raise RecordError(f"the compiled form is called {compilation.file!r:.80}")
                sha256 = self._candidates.take_compiled(candidate, made, self._memory_bytes)
            return self._with_load_time(candidate, compilation), sha256
        except (ChildFailed, RecordError, NoRegularFile) as error:
            if isinstance(error, ChildFailed):
                stages.refuse_if_at_fault(stages.read(error.noted), error.exit_signal, str(error))
            self._candidates.compiled(candidate).unlink(missing_ok=True)
            return Compilation(None, str(error), seconds_allowed=seconds), None

    def _with_load_time(self, candidate: str, compilation: Compilation) -> Compilation:
        """Load the compiled form in a process that has nothing else; raises as `run_child` does."""
        path = self._candidates.compiled(candidate)
        found = run_child(
            ["preparation.load_time", str(path)],
            seconds=LOAD_SECONDS,
            memory_bytes=self._memory_bytes,
            doing="Loading the compiled form",
            readable=(path,),
        )
        taken = read_report(found).get("load_ms")
        if not isinstance(taken, float):
            raise ChildFailed("Loading the compiled form reported no time.")
        return dataclasses.replace(
            compilation, compiled_load_ms=taken, compiled_bytes=path.stat().st_size
        )

    def _ask_child(
        self, arguments: list[str], readable: tuple[Path, ...], seconds: float, failure: str
    ) -> dict[str, Any]:
        """Return the child's report; raises `UploadRejected` when that is a refusal."""
        try:
            found = run_child(
                arguments, seconds=seconds, memory_bytes=self._memory_bytes, readable=readable
            )
            report = read_report(found)
        except ChildFailed as error:
            stage = stages.read(error.noted)
            if stage is not None and stage.doing == "asking":
                stages.refuse_if_at_fault(stage, error.exit_signal, str(error))
            raise UploadRejected(failure, str(error)) from error
        _refuse_if_told(report, failure)
        return report

    @staticmethod
    def _description(report: dict[str, Any], fmt: str) -> Description:
        """Return the description, in which model code may have written what it liked."""
        try:
            description = codec.decode(Description, report.get("description"))
        except RecordError as error:
            reason = f"The model's process reported no description: {error}"
            raise UploadRejected("LOAD_FAILED", reason) from error
        return dataclasses.replace(description, format=fmt, runtime=RUNTIMES[fmt], compilation=None)


def _refuse_if_told(report: dict[str, Any], failure: str) -> None:
    """Raise the refusal that a child reports, if it does."""
    if "rejected" in report:
        raise _refusal(report["rejected"], failure)


def _refusal(told: Any, failure: str) -> UploadRejected:
    """Return the refusal that a child reports, of the length and form of ours."""
    code = told.get("code") if isinstance(told, dict) else None
    if not isinstance(code, str) or not CODE.fullmatch(code):
        return UploadRejected(failure, "The model's process reported a refusal without a code.")
    return UploadRejected(code, str(told.get("reason"))[:MAX_REASON])
