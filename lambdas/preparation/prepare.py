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
from own_code import any_rows
from preparation import chained, children, own_code
from preparation.chained import FOLDER
from preparation.choice import choosing, from_upload
from preparation.choice.choosing import Choice
from preparation.compiled_form import CompiledForm
from preparation.own_code import OwnCode
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
        except UploadRejected as error:
            logger.warning("rejected %s of %r: %s", verdict.version, verdict.model, error)
            file = f"\n\n{error.file}" if error.file else ""
            return verdict.rejected(error.rejection_code, without_traces(str(error)) + file)
        logger.info("prepared %s of %r", verdict.version, verdict.model)
        return verdict.with_result(prepared)

    def _prepare(self, verdict: Candidate, seconds: float) -> Prepared:
        files = self._candidates.files(verdict.candidate)
        path = files / verdict.filename
        deadline, listing = time.monotonic() + seconds, self._listing(verdict)
        own = own_code.script(files, path)
        if own is not None and not self._runs_own_code:
            raise own_code.refused_script()
        upload = (
            pieces.read(files, verdict.filename)
            if own is None
            else Upload(((verdict.filename, own_code.SCRIPT),))
        )
        self._check_trusted(upload)
        model = [str(path), upload.files[0][1], *listing]
        try:
            choice, refused = self._chosen(files, upload, listing, deadline)
            told = choice.environment.name, choice.reason
            logger.info("%s of %r is prepared in %s: %s", verdict.version, verdict.model, *told)
            own = own if refused is None else own_code.pickled(files, upload.files, refused)
            try:
                return self._prepare_in(choice, verdict, model, upload, deadline, own)
            except UploadRejected as error:
                if own is not None or not self._forgives(error):
                    raise choice.explained(error) from error
                own = own_code.pickled(files, upload.files, error)
            return self._prepare_in(choice, verdict, model, upload, deadline, own)
        except UploadRejected as error:
            raise (error if self._runs_own_code else own_code.advised(error)) from error

    def _check_trusted(self, upload: Upload) -> None:
        for _, each in upload.pickles:
            if each not in self._trusted_formats:
                raise UploadRejected(
                    "UNTRUSTED_FORMAT",
                    f"Loading a {each} file runs code, and this deployment doesn't take such files "
                    "(setting trusted_formats). Save the model with skops.io.dump.",
                )

    def _forgives(self, refused: UploadRejected) -> bool:
        """Whether a model that is refused may load with code of its own."""
        return self._runs_own_code and refused.needs_code

    def _chosen(
        self, files: Path, upload: Upload, listing: list[str], deadline: float
    ) -> tuple[Choice, UploadRejected | None]:
        """Read what the upload states of its libraries, and choose the environment for it.

        Returns:
            the environment, and the refusal of a pickle that own code may mend.

        Raises:
            UploadRejected: none suits, or a pickle does what no model needs.
        """
        named = model_json.loads(Path(listing[0]).read_bytes()).environment if listing else ""
        is_pickled = bool(upload.pickles)
        if is_pickled and not self._scans:
            return choosing.choose(Stated(), installed(), named), None

        # Lists of columns tell nothing, but for one that was uploaded as if it were a model.
        read = [each for each in upload.files if each[1] != "json"] or [*upload.files]
        asked = [SEVERAL, str(self._memory_bytes), str(files), *itertools.chain(*read)]
        if len(read) == 1:
            name, fmt = read[0]
            child = SCAN if is_pickled else READ
            asked = [child, str(files / name), fmt, str(self._memory_bytes), str(files)]
        # A container's files can be links.
        readable = (files, *(files / name for name, _ in read))
        seconds = max(deadline - time.monotonic(), 1)
        about = functools.partial(self._ask, asked, readable, seconds, from_upload.FAILURE)
        return from_upload.chosen(
            about, installed(), named, is_scanned=is_pickled, forgives=self._forgives
        )

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
        self,
        choice: Choice,
        verdict: Candidate,
        model: list[str],
        upload: Upload,
        deadline: float,
        own: OwnCode | None,
    ) -> Prepared:
        """Describe and compile a model with the libraries of the chosen environment."""
        files = self._candidates.files(verdict.candidate)
        readable = (files, Path(model[0]))
        there, seconds = choice.environment, max(deadline - time.monotonic(), 1)
        told = own_code.arguments(own)
        child = ["preparation.describe", *told, *model, f"{FOLDER}{files}"]
        report = self._ask(child, readable, seconds, FAILURE, there)
        children.refuse_if_told(report, FAILURE)
        description = dataclasses.replace(
            chained.checked(self._description(report, model[1], own), upload),
            environment=there.name,
            environment_reason=choice.reason,
        )
        seconds, sha256 = min(self._compile_seconds, deadline - time.monotonic()), None
        if seconds > 0 and not (own and any_rows.are_taken(description.signature)):
            model = [*told, *model, *chained.arguments(description.chain)]
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
    def _description(report: dict[str, Any], fmt: str, own: OwnCode | None) -> Description:
        """Return the description, in which model code may have written what it liked."""
        try:
            description = codec.decode(Description, report.get("description"))
        except RecordError as error:
            reason = f"The model's process reported no description: {error}"
            raise UploadRejected(FAILURE, reason) from error
        runtime = RUNTIMES[fmt] if own is None else own.runtime
        chain = description.chain if own is None else None
        return dataclasses.replace(
            description, format=fmt, runtime=runtime, compilation=None, chain=chain
        )
