"""Model artifacts: folders that SageMaker unpacked, as a source of models."""

import dataclasses
import shutil
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path

from container.memory_budget import OutOfMemory
from own_code import any_rows
from preparation.prepare import Preparer
from serving.api.raw_bodies import SCRIPT
from serving.errors import BadRequest, ModelNotFound, RecordError
from serving.formats.file_names import models_among
from serving.records.manifest import MANIFEST, Description, Manifest, ModelFile, Source
from serving.records.naming import digest, normalize
from serving.records.object_keys import MODEL_JSON
from serving.records.uploads import Refusal, Selection
from serving.records.verdicts import Candidate, Rejected
from serving.repository import files, reading
from serving.repository.candidates import FILES, Candidates
from serving.repository.model_folder import PublishedVersion
from serving.repository.model_status import ModelStatus

CODE = "code"
VERSION = "1"
PREPARE_SECONDS = 600.0


class TooLarge(BadRequest, OutOfMemory):
    """A model can't be prepared for want of memory, which SageMaker answers by unloading others."""


class Artifacts:
    """The models that were added, one version each, each from a folder of its own.

    A folder with a manifest is a version that was published, with its compiled form. Any other is
    prepared in child processes, as every upload is: recognised, scanned, loaded and compiled. The
    result stays in a scratch folder, where other processes of this container find it.
    """

    def __init__(self, scratch: Path, preparer: Preparer) -> None:
        self._scratch = scratch
        self._preparer = preparer
        self._candidates = Candidates(scratch)
        self._lock = threading.Lock()
        self._models: dict[str, PublishedVersion] = {}

    def add(self, model: str, folder: Path) -> PublishedVersion:
        """Prepare the model in a folder; raises `BadRequest` where it can't be served."""
        name = normalize(model)
        published = reading.read_record(folder / MANIFEST, Manifest)
        if published is not None:
            # Another folder may hold the same version with other content: this write is its own.
            source = dataclasses.replace(published.source, version_id=uuid.uuid4().hex)
            resolved = PublishedVersion(
                dataclasses.replace(published, model=name, source=source), folder
            )
        else:
            resolved = self._prepared(name, folder)
        with self._lock:
            self._models[name] = resolved
        return resolved

    def add_script(self, model: str, folder: Path, program: str) -> PublishedVersion:
        """Add a model that its script loads in a worker; nothing of it is prepared."""
        name = normalize(model)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        source = Source("", f"{name}/{VERSION}/{program}", uuid.uuid4().hex, now, "", 0)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        description = Description(SCRIPT, SCRIPT, program, any_rows.OPEN, size, 0.0, {})
        files = (ModelFile(f"{CODE}/{program}", 0, ""),)
        resolved = PublishedVersion(
            Manifest(name, VERSION, now, source, files, description), folder
        )
        with self._lock:
            self._models[name] = resolved
        return resolved

    def remove(self, model: str) -> None:
        """Forget a model, and delete what was prepared of it."""
        with self._lock:
            resolved = self._models.pop(normalize(model))
            is_used = any(other.folder == resolved.folder for other in self._models.values())
        if self._scratch in resolved.folder.parents and not is_used:
            shutil.rmtree(resolved.folder, ignore_errors=True)

    def names(self) -> list[str]:
        """List the models."""
        with self._lock:
            return sorted(self._models)

    def current(self, model: str) -> str | None:
        """Return the one version there is, or None."""
        found = self._models.get(normalize(model))
        return None if found is None else found.manifest.version

    def resolve(self, model: str, version: str | None = None) -> PublishedVersion:
        """Return the one version there is; raises `ModelNotFound`."""
        found = self._models.get(normalize(model))
        if found is None or version not in (None, found.manifest.version):
            raise ModelNotFound(f"There is no model {model!r:.200} in this container's memory.")
        return found

    def status(self, model: str) -> ModelStatus:
        """Return the state of one model; raises `ModelNotFound`."""
        manifest = self.resolve(model).manifest
        ready = [manifest]
        return ModelStatus(manifest.model, manifest.version, Selection(), ready, [], [], [], [])

    def refusals(self) -> list[Refusal]:
        """List none: models are added by name."""
        return []

    def _prepared(self, name: str, folder: Path) -> PublishedVersion:
        """Return the folder's version; prepare it unless another process of this container did."""
        filename = model_file(folder)
        candidate = digest(str(folder), 32)
        workplace = self._candidates.folder(candidate)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        source = Source("", f"{name}/{VERSION}/{filename}", uuid.uuid4().hex, now, "", 0)
        if (folder / MODEL_JSON).is_file():
            source = dataclasses.replace(source, key=f"{name}/{VERSION}/{MODEL_JSON}")
        with files.locked(self._scratch / f"{candidate}.lock"):
            description = self._description(candidate)
            if description is None:
                shutil.rmtree(workplace, ignore_errors=True)
                workplace.mkdir(parents=True)
                self._candidates.files(candidate).symlink_to(folder)
                verdict = Candidate(name, VERSION, candidate, filename, source)
                description = self._judge(verdict)
        # `files` is a link to the folder, and beside it lies the compiled form.
        size = (folder / filename).stat().st_size
        listed = (ModelFile(f"{FILES}/{filename}", size, ""),)
        return PublishedVersion(
            Manifest(name, VERSION, now, source, listed, description), workplace
        )

    def _judge(self, candidate: Candidate) -> Description:
        verdict = self._preparer.judge(candidate, PREPARE_SECONDS)
        if isinstance(verdict, Rejected):
            is_large = verdict.code == "OUT_OF_MEMORY"
            raise (TooLarge if is_large else BadRequest)(verdict.reason)
        return self._candidates.description(candidate.candidate)

    def _description(self, candidate: str) -> Description | None:
        try:
            return self._candidates.description(candidate)
        except RecordError:
            return None


def model_file(folder: Path) -> str:
    """Return the path, within the folder, of the one file that is a model by its name.

    Raises:
        BadRequest: there is none, or several.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    within = [path.relative_to(folder) for path in paths]
    found = models_among(path.as_posix() for path in within if path.parts[0] != CODE)
    if len(found) != 1:
        told = f"these: {', '.join(found)}" if found else "none"
        raise BadRequest(
            f"One model file is expected in {folder}, and there are {told}. Known are .joblib, "
            ".pkl, .skops, .ubj, .cbm, .onnx, model.txt and the like (docs/formats.md); anything "
            "else needs code/inference.py."
        )
    return found[0]


def size(description: Description) -> int:
    """Return the bytes of memory that the form takes which answers most."""
    compilation = description.compilation
    if compilation is None or compilation.file is None:
        return description.memory_bytes
    return compilation.compiled_bytes
