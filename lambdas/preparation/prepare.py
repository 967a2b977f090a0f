"""Prepares a candidate for serving: recognises, scans, loads, describes and compiles it."""

import dataclasses
import functools
import itertools
import logging
import time
from pathlib import Path, PurePosixPath
from typing import Any

from environments.environment import Environment
from environments.installed import installed
from modelmount_compiler.error_texts import without_traces
from preparation import chained, children
from preparation.chained import FOLDER
from preparation.choice import choosing, from_upload
from preparation.choice.choosing import Choice
from preparation.compiled_form import CompiledForm
from preparation.stated.stated import Stated
from serving.errors import RecordError, UploadRejected
from serving.formats import model_json, pieces
from serving.formats.model_formats import RUNTIMES
from serving.formats.pieces import Upload
from serving.records import codec
from serving.records.manifest import Description
from serving.records.object_keys import MODEL_JSON
from serving.records.verdicts import Candidate, Prepared, Verdict
from serving.repository.candidates import Candidates

SCAN, READ = "preparation.scan.pickle_scan", "preparation.stated.reading"
SEVERAL = "preparation.scan.several_files"
FAILURE = "LOAD_FAILED"
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
            prepared = self._prepare(verdict, max(seconds - RESERVED_SECONDS, seconds / 2))
        except UploadRejected as error:
            logger.warning("rejected %s of %r: %s", verdict.version, verdict.model, error)
            return verdict.rejected(error.rejection_code, without_traces(str(error)))
        logger.info("prepared %s of %r", verdict.version, verdict.model)
        return verdict.with_result(prepared)

    def _prepare(self, verdict: Candidate, seconds: float) -> Prepared:
        files = self._candidates.files(verdict.candidate)
        path = files / verdict.filename
        upload = pieces.read(files, verdict.filename)
        fmt = upload.files[0][1]
        for _, each in upload.pickles:
            if each not in self._trusted_formats:
                raise UploadRejected(
                    "UNTRUSTED_FORMAT",
                    f"Loading a {each} file runs code, and this deployment doesn't take such files "
                    "(setting trusted_formats). Save the model with skops.io.dump.",
                )
        deadline = time.monotonic() + seconds
        listing = self._listing(verdict)
        choice = self._chosen(files, upload, listing, deadline)
        told = choice.environment.name, choice.reason
        logger.info("%s of %r is prepared in %s: %s", verdict.version, verdict.model, *told)
        try:
            model = [str(path), fmt, *listing]
            return self._prepare_in(choice, verdict, model, upload, deadline)
        except UploadRejected as error:
            raise choice.explained(error) from error

    def _chosen(self, files: Path, upload: Upload, listing: list[str], deadline: float) -> Choice:
        """Read what the upload states of its libraries, and choose the environment for it.

        Raises:
            UploadRejected: none suits, or a pickle does what no model needs.
        """
        named = model_json.loads(Path(listing[0]).read_bytes()).environment if listing else ""
        is_pickled = bool(upload.pickles)
        if is_pickled and not self._scans:
            return choosing.choose(Stated(), installed(), named)

        read = [(name, fmt) for name, fmt in upload.files if fmt != "json"]
        asked = [SEVERAL, str(self._memory_bytes), str(files), *itertools.chain(*read)]
        if len(read) == 1:
            name, fmt = read[0]
            child = SCAN if is_pickled else READ
            asked = [child, str(files / name), fmt, str(self._memory_bytes), str(files)]
        # A container's files can be links.
        readable = (files, *(files / name for name, _ in read))
        seconds = max(deadline - time.monotonic(), 1)
        about = functools.partial(self._ask, asked, readable, seconds, from_upload.FAILURE)
        return from_upload.chosen(about, installed(), named, is_scanned=is_pickled)

    def _ask(
        self,
        arguments: list[str],
        readable: tuple[Path, ...],
        seconds: float,
        failure: str,
        environment: Environment | None,
    ) -> dict[str, Any]:
        return children.ask(
            arguments,
            readable,
            seconds=seconds,
            memory_bytes=self._memory_bytes,
            failure=failure,
            environment=environment,
        )

    def _prepare_in(
        self, choice: Choice, verdict: Candidate, model: list[str], upload: Upload, deadline: float
    ) -> Prepared:
        """Describe and compile a model with the libraries of the chosen environment."""
        files = self._candidates.files(verdict.candidate)
        readable = (files, Path(model[0]))
        there, seconds = choice.environment, max(deadline - time.monotonic(), 1)
        child = ["preparation.describe", *model, f"{FOLDER}{files}"]
        report = self._ask(child, readable, seconds, FAILURE, there)
        children.refuse_if_told(report, FAILURE)
        description = dataclasses.replace(
            chained.checked(self._description(report, model[1]), upload),
            environment=there.name,
            environment_reason=choice.reason,
        )
        seconds, sha256 = min(self._compile_seconds, deadline - time.monotonic()), None
        if seconds > 0:
            model = [*model, *chained.arguments(description.chain)]
            form = CompiledForm(
                self._candidates, verdict.candidate, model, readable, self._memory_bytes, there
            )
            compilation, sha256 = form.make(seconds)
            description = dataclasses.replace(description, compilation=compilation)
        return self._candidates.describe(verdict.candidate, description, sha256)

    def _listing(self, verdict: Candidate) -> list[str]:
        """Return the path of the `model.json` with the examples, if there is one."""
        # A container's models have names of any form.
        if PurePosixPath(verdict.source.key).name != MODEL_JSON:
            return []
        return [str(self._candidates.files(verdict.candidate) / MODEL_JSON)]

    @staticmethod
    def _description(report: dict[str, Any], fmt: str) -> Description:
        """Return the description, in which model code may have written what it liked."""
        try:
            description = codec.decode(Description, report.get("description"))
        except RecordError as error:
            reason = f"The model's process reported no description: {error}"
            raise UploadRejected(FAILURE, reason) from error
        return dataclasses.replace(description, format=fmt, runtime=RUNTIMES[fmt], compilation=None)
