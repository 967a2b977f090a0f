"""Loads one model file and reports its description, in a child process.

python -m preparation.describe PATH FORMAT [MODEL_JSON] [folder=FOLDER] [--own-code RUNTIME ROOT]

FOLDER has all files of the upload; without it PATH is all of it.
"""

import contextlib
import dataclasses
import importlib.metadata
import json
import platform
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from modelmount_compiler.chain import RUNTIME
from modelmount_compiler.error_texts import without_traces
from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks import boosting
from modelmount_compiler.frameworks.chain import halves, uploads
from modelmount_compiler.frameworks.runtime import Runtime, import_runtime
from modelmount_compiler.frameworks.soundness import checks
from modelmount_compiler.signature import Method
from modelmount_compiler.verify import independence
from own_code import any_rows
from preparation import asking, chain_check, chained, company, examples, own_code
from preparation.observed_outputs import ObservedModel
from preparation.own_code import OwnCode
from preparation.sandbox import note, report
from preparation.stages import Progress
from serving.cache.memory import resident_bytes
from serving.errors import UploadRejected
from serving.formats import model_json, pieces
from serving.formats.model_formats import RUNTIMES
from serving.formats.pieces import Upload
from serving.records import codec
from serving.records.manifest import Description

UNWATCHED = Progress(lambda _: None)


def main(
    path: Path,
    fmt: str,
    listing: Path | None = None,
    *,
    folder: Path | None = None,
    own: OwnCode | None = None,
) -> None:
    """Load the file and report its description, or the reason of its refusal.

    Args:
        listing: the `model.json` whose examples the model must answer as expected.
        own: how the uploader's own code is run; None for a model without.
    """
    try:
        if own is None:
            description = describe(path, fmt, listing, Progress(note), folder=folder)
        else:
            description = _with_own_code(path, fmt, own, listing, Progress(note))
        found: dict[str, Any] = {"description": codec.encode(description)}
    except Exception as error:
        code, reason = refusal_of(error, fmt)
        found = {"rejected": own_code.refusal_of(own, code, reason, path)}
    report(json.dumps(found).encode())


def refusal_of(error: Exception, fmt: str) -> tuple[str, str]:
    """Return the code and the reason of the refusal that an error means."""
    if isinstance(error, ModelRejected):
        return error.code, str(error)
    if isinstance(error, UploadRejected):
        return error.rejection_code, without_traces(str(error))
    if isinstance(error, MemoryError):
        reason = "Loading the model needs more memory than this deployment has (memory_mb)."
        return "OUT_OF_MEMORY", reason
    reason = f"The file couldn't be loaded as {fmt}: {type(error).__name__}: {error}"
    return "CORRUPT_FILE", without_traces(reason)


def describe(
    path: Path,
    fmt: str,
    listing: Path | None = None,
    progress: Progress = UNWATCHED,
    *,
    folder: Path | None = None,
) -> Description:
    """Load the model as inference will, measure its load time and memory, check and try it.

    Args:
        folder: the folder of all files of the upload; None where `path` is all of it.
    """
    upload = Upload(((path.name, fmt),))
    if folder is not None:
        upload = pieces.read(folder, path.relative_to(folder).as_posix())
    folder, name = folder or path.parent, RUNTIMES[fmt]
    import_runtime(name)
    progress.begin("loading")
    for file, its_format in upload.files:
        checks.check_file(folder / file, RUNTIMES.get(its_format, ""))
    before, started = resident_bytes(), time.perf_counter()
    loaded, chain = uploads.recognise(folder, upload.files, name, upload.statement)
    load_ms = (time.perf_counter() - started) * 1000
    name = name if chain is None else RUNTIME
    runtime = import_runtime(name)
    checks.check_loaded(loaded, name)
    with progress.asking(1):
        signature = runtime.describe(loaded)
    description = Description(
        format=fmt,
        runtime=name,
        estimator=f"{type(loaded).__module__}.{type(loaded).__qualname__}",
        signature=signature,
        memory_bytes=max(resident_bytes() - before, path.stat().st_size),
        load_ms=round(load_ms, 1),
        packages={
            "python": platform.python_version(),
            **_versions(_packages(runtime)),
        },
        chain=chain,
        notes=halves.notes(loaded, chain, signature),
    )
    model = ObservedModel(runtime.Model(loaded, signature))
    answered: set[Method] = set()
    given: list[Any] = []
    if listing is not None:
        record = model_json.loads(listing.read_bytes())
        given = [instance for example in record.examples for instance in example.instances]
        with progress.asking(len(given)):
            examples.check(record, model, signature)
        answered = {example.method for example in record.examples}
    signature = asking.ask(loaded, model, signature, progress, answered)
    if chain is not None:
        pool = independence.make_pool(model, signature, loaded, given)
        with progress.asking(len(pool)):
            rows = [*given, *pool][: chain_check.MOST_ROWS]
            chain_check.check(chain, folder, loaded, signature, rows)
    found = company.ask(model, loaded, signature, given, progress)
    return dataclasses.replace(
        description, signature=signature, outputs=model.outputs(), independence=found
    )


def _with_own_code(
    path: Path, fmt: str, own: OwnCode, listing: Path | None, progress: Progress
) -> Description:
    """Load a model with its own code likewise; a script is asked about examples alone."""
    progress.begin("loading")
    runtime = own_code.runtime_of(own, own.runtime, path)
    before, started = resident_bytes(), time.perf_counter()
    loaded = runtime.load(path, fmt)
    load_ms = (time.perf_counter() - started) * 1000
    if own.runtime != own_code.SCRIPT:
        checks.check_loaded(loaded, own.runtime, is_own_code=True)
    with progress.asking(1):
        signature = runtime.describe(loaded)
    versions = {"python": platform.python_version(), **_versions(_packages(runtime))}
    description = Description(
        format=fmt,
        runtime=own.runtime,
        estimator=f"{type(loaded).__module__}.{type(loaded).__qualname__}",
        signature=signature,
        memory_bytes=max(resident_bytes() - before, path.stat().st_size),
        load_ms=round(load_ms, 1),
        packages=versions,
    )
    try:
        return _asked(description, runtime, loaded, listing, progress)
    except UploadRejected:
        if any_rows.are_taken(signature):
            raise
    # Its own code takes other rows than its estimators say, such as data frames.
    description = dataclasses.replace(description, signature=any_rows.of(signature))
    return _asked(description, runtime, loaded, listing, progress)


def _asked(
    description: Description,
    runtime: Runtime,
    loaded: Any,
    listing: Path | None,
    progress: Progress,
) -> Description:
    """Return the description with what the model answers; raises `UploadRejected`."""
    signature = description.signature
    model = ObservedModel(runtime.Model(loaded, signature))
    record = model_json.loads(listing.read_bytes()) if listing is not None else None
    told = () if record is None else record.examples
    given = [instance for example in told for instance in example.instances]
    if record is not None:
        with progress.asking(len(given)):
            examples.check(record, model, signature)
    if any_rows.are_taken(signature):
        # Nothing says what its own code takes: the examples alone are asked.
        return dataclasses.replace(description, outputs=model.outputs())
    signature = asking.ask(loaded, model, signature, progress, {e.method for e in told})
    found = company.ask(model, loaded, signature, given, progress)
    return dataclasses.replace(
        description, signature=signature, outputs=model.outputs(), independence=found
    )


def _packages(runtime: Runtime) -> tuple[str, ...]:
    """Return the distributions that serve the model; pickles may hold a boosting library's."""
    return tuple(dict.fromkeys((*runtime.PACKAGES, *boosting.distributions())))


def _versions(distributions: Iterable[str]) -> dict[str, str]:
    """Return their versions; XGBoost's is called `xgboost` where it was before `xgboost-cpu`."""
    found: dict[str, str] = {}
    for name in distributions:
        for known in (name, name.removesuffix("-cpu")):
            with contextlib.suppress(importlib.metadata.PackageNotFoundError):
                found[known] = importlib.metadata.version(known)
                break
    return found


if __name__ == "__main__":
    given = own_code.taken(sys.argv)
    paths, where, _ = chained.told(sys.argv[3:])
    main(Path(sys.argv[1]), sys.argv[2], *paths, folder=where, own=given)
