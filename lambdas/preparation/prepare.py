"""Prepares a candidate for serving: recognises, scans, loads, describes and compiles it."""

import dataclasses
import logging
import re
import time
from pathlib import Path, PurePosixPath
from typing import Any

from modelmount_compiler.compilation import Compilation
from modelmount_compiler.error_texts import without_traces
from own_code import any_rows
from preparation import own_code, stages, stated_versions
from preparation.own_code import OwnCode
from preparation.sandbox import ChildFailed, read_report, run_child
from preparation.upload import Upload
from serving.errors import RecordError, UploadRejected
from serving.formats.model_formats import recognise
from serving.records import codec
from serving.records.manifest import Description
from serving.records.object_keys import MODEL_JSON
from serving.records.verdicts import Candidate, Prepared, Verdict
from serving.repository.candidates import Candidates
from serving.repository.handover import NoRegularFile

# Formats whose files can execute code when they are loaded.
CODE_BEARING_FORMATS = ("joblib", "pickle")
CODE = re.compile(r"[A-Z][A-Z0-9_]{1,40}")
MAX_REASON = 4000
MAX_FILE = 2000
logger = logging.getLogger(__name__)

# The parent's own share of memory and time, so that it can report how the child ended.
RESERVED_MB = 256
RESERVED_SECONDS = 20.0
LOAD_SECONDS = 60.0


class Preparer:
    """Loads candidates in child processes, where code can do no harm, and describes them.

    Args:
        compile_seconds: the most time for compiling a model and proving it; 0 for none.
        runs_own_code: whether classes, functions and scripts of uploaders are run.
        scans: whether pickles are scanned first. Otherwise the sandbox is the only protection.
    """

    def __init__(
        self,
        candidates: Candidates,
        trusted_formats: tuple[str, ...],
        memory_mb: int,
        *,
        compile_seconds: float = 0,
        runs_own_code: bool = False,
        scans: bool = True,
    ) -> None:
        self._candidates = candidates
        self._trusted_formats = trusted_formats
        self._compile_seconds = compile_seconds
        self._runs_own_code = runs_own_code
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
            file = f"\n\n{error.file}" if error.file else ""
            return verdict.rejected(error.rejection_code, without_traces(str(error)) + file)
        logger.info("prepared %s of %r", verdict.version, verdict.model)
        return verdict.with_result(prepared)

    def _prepare(self, verdict: Candidate, seconds: float) -> Prepared:
        files = self._candidates.files(verdict.candidate)
        path = files / verdict.filename
        # A container's files can be links.
        readable = (files, path)
        listing, deadline = self._listing(verdict), time.monotonic() + seconds
        model, report = self._loaded(files, path, listing, deadline)
        description = self._description(report, model)
        seconds, sha256 = min(self._compile_seconds, deadline - time.monotonic()), None
        if seconds > 0 and not (model.own and any_rows.are_taken(description.signature)):
            compilation, sha256 = self._compile(
                verdict.candidate, [*model.arguments(), *listing], readable, seconds
            )
            description = dataclasses.replace(description, compilation=compilation)
        return self._candidates.describe(verdict.candidate, description, sha256)

    def _loaded(
        self, files: Path, path: Path, listing: list[str], deadline: float
    ) -> tuple[Upload, dict[str, Any]]:
        """Return how the model is loaded, and what the child that loaded it reports.

        Where the model needs code of its own, and such code runs here, it is loaded with that.
        """
        if own_code.script_of(files, path) is not None:
            if not self._runs_own_code:
                raise own_code.refused_script()
            upload = Upload(path, own_code.SCRIPT, OwnCode(own_code.SCRIPT, files))
            return upload, self._describe(files, upload, listing, deadline)
        upload = Upload(path, recognise(path))
        self._check_trusted(upload.format)
        try:
            self._scan(files, upload, deadline)
            return upload, self._describe(files, upload, listing, deadline)
        except UploadRejected as refused:
            if not (self._runs_own_code and refused.needs_code):
                raise own_code.advised(refused) from refused
        upload = dataclasses.replace(upload, own=OwnCode(own_code.PICKLED, files))
        return upload, self._describe(files, upload, listing, deadline)

    def _check_trusted(self, fmt: str) -> None:
        if fmt in CODE_BEARING_FORMATS and fmt not in self._trusted_formats:
            raise UploadRejected(
                "UNTRUSTED_FORMAT",
                f"Loading a {fmt} file runs code, and this deployment doesn't take such files "
                "(setting trusted_formats). Save the model with skops.io.dump.",
            )

    def _scan(self, files: Path, upload: Upload, deadline: float) -> None:
        if upload.format in CODE_BEARING_FORMATS and self._scans:
            model = [str(upload.path), upload.format, str(self._memory_bytes)]
            scan, readable = ["preparation.scan.pickle_scan", *model], (files, upload.path)
            self._ask_child(scan, readable, _left(deadline), "SCAN_FAILED")

    def _describe(
        self, files: Path, upload: Upload, listing: list[str], deadline: float
    ) -> dict[str, Any]:
        child = ["preparation.describe", *upload.arguments(), *listing]
        return self._ask_child(child, (files, upload.path), _left(deadline), "LOAD_FAILED")

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
    def _description(report: dict[str, Any], upload: Upload) -> Description:
        """Return the description, in which model code may have written what it liked."""
        try:
            description = codec.decode(Description, report.get("description"))
        except RecordError as error:
            reason = f"The model's process reported no description: {error}"
            raise UploadRejected("LOAD_FAILED", reason) from error
        return dataclasses.replace(
            description, format=upload.format, runtime=upload.runtime, compilation=None
        )


def _left(deadline: float) -> float:
    return max(deadline - time.monotonic(), 1)


def _refuse_if_told(report: dict[str, Any], failure: str) -> None:
    """Raise the refusal that a child reports, if it does."""
    if "rejected" in report:
        raise _refusal(report["rejected"], failure)


def _refusal(told: Any, failure: str) -> UploadRejected:
    """Return the refusal that a child reports, of the length and form of ours."""
    code = told.get("code") if isinstance(told, dict) else None
    if not isinstance(code, str) or not CODE.fullmatch(code):
        return UploadRejected(failure, "The model's process reported a refusal without a code.")
    file = str(told.get("file") or "")[:MAX_FILE]
    return UploadRejected(
        code,
        str(told.get("reason"))[:MAX_REASON],
        file=file if all(letter.isprintable() or letter == "\n" for letter in file) else "",
        needs_code=told.get("needs_code") is True,
    )
