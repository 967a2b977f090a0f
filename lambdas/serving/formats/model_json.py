"""`model.json`: the uploader's list of the files of a version.

::

    {"files": {"model.joblib": "<SHA-256 in hexadecimal>", "code/words.txt": "…"},
     "main": "model.joblib",
     "code": ["code"],
     "examples": [{"instances": [[5.1, 3.5]], "predictions": [0]}]}

Files that are one model together are found by names and widths, or stated::

    {"files": {"scaler.pkl": "…", "model.pkl": "…"}, "chain": ["scaler.pkl", "model.pkl"]}
"""

import dataclasses
import json
import math
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from modelmount_compiler.chain import Statement
from modelmount_compiler.signature import Method
from serving.errors import RecordError, UploadRejected
from serving.formats import pieces
from serving.formats.file_names import FORMATS
from serving.records import codec
from serving.records.manifest import MANIFEST
from serving.records.naming import NAME_RULE, folded, is_valid_name
from serving.records.object_keys import MAX_DEPTH, MODEL_JSON

INVALID = "INVALID_MODEL_JSON"
MAX_BYTES = 1024 * 1024
MAX_FILES = 1000
# A script loads whatever files it likes.
SCRIPT = "code/inference.py"
SHA256 = re.compile("[0-9a-f]{64}")
HINT = (
    'Write {"files": {"model.joblib": "<its SHA-256 in hexadecimal>", ...}}, with the path of each '
    'file below MODEL/VERSION/; "main", "examples", "environment" and "chain" may be added.'
)


@dataclass(frozen=True, slots=True)
class Example:
    """Instances, and the predictions that the model must give for them.

    Attributes:
        tolerance: the largest error of a number, relative to the larger of it and 1. Labels of a
            classifier must be equal.
    """

    instances: tuple[Any, ...]
    predictions: tuple[Any, ...]
    method: Method = "predict"
    tolerance: float = 1e-6


@dataclass(frozen=True, slots=True)
class ModelJson:
    """The decoded file.

    Attributes:
        files: path below the version's folder to SHA-256, in hexadecimal, lower case.
        main: the file to load; None where one file alone can be loaded, or several are one model.
        environment: the name of the environment that prepares it; chosen by its versions if empty.
        chain: the objects of such a model in their order; this and what follows is described at
            `modelmount_compiler.chain.Statement`.
        code: files, folders and wheels among these that code of one's own is imported from; those
            of the folder `code` where none are named.
    """

    files: dict[str, str]
    main: str | None = None
    examples: tuple[Example, ...] = ()
    environment: str = ""
    chain: Any = None
    columns: Any = None
    encoders: Any = None
    labels: Any = None
    target: Any = None
    threshold: Any = None
    code: tuple[str, ...] = ()

    @property
    def model_file(self) -> str:
        """The path of the file to load first."""
        return self.main or _likely(self)[0]

    @property
    def statement(self) -> Statement:
        """What is stated about objects that belong together."""
        return Statement(**{name: getattr(self, name) for name in pieces.FIELDS})


def loads(data: bytes) -> ModelJson:
    """Decode and check the file.

    Raises:
        UploadRejected: it is malformed; the text names the fault.
    """
    try:
        if len(data) > MAX_BYTES:
            raise ValueError(f"it is larger than {MAX_BYTES} bytes")
        # A file that is listed twice has two digests, and only one can be meant.
        decoded = json.loads(data, object_pairs_hook=_without_duplicates)
        _refuse_unknown(decoded)
        record = codec.decode(ModelJson, decoded)
        record = dataclasses.replace(
            record, files={path: digest.lower() for path, digest in record.files.items()}
        )
        _check_files(record.files)
        _check_main(record)
        _check_code(record)
        for index, example in enumerate(record.examples):
            _check_example(example, f"$.examples[{index}]")
    except (ValueError, RecordError, RecursionError, OverflowError) as error:
        fault = str(error)[:1000]  # a name in it can be as long as the file
        raise UploadRejected(INVALID, f"{MODEL_JSON}: {fault}. {HINT}") from error
    return record


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r:.200} is given twice in one object")
    return found


def _refuse_unknown(decoded: Any) -> None:
    """Refuse fields that nothing reads: a misspelt `main` must not be ignored in silence."""
    if isinstance(decoded, dict) and "learner" in decoded:
        raise ValueError(f"it is a model of XGBoost. Save it as .ubj: {MODEL_JSON} is for a list")
    parts: list[tuple[Any, type, str]] = [(decoded, ModelJson, "$")]
    examples = decoded.get("examples") if isinstance(decoded, dict) else None
    for index, example in enumerate(examples if isinstance(examples, list) else ()):
        parts.append((example, Example, f"$.examples[{index}]"))
    for part, cls, where in parts:
        known = [field.name for field in dataclasses.fields(cls)]
        for name in part if isinstance(part, dict) else ():
            if name not in known:
                raise ValueError(f"{where} has the unknown field {name!r:.200}; known are {known}")


def _check_files(files: dict[str, str]) -> None:
    if not 0 < len(files) <= MAX_FILES:
        raise ValueError(f"$.files lists {len(files)} files, it must be 1 to {MAX_FILES}")
    for path, digest in files.items():
        fault = _fault(path)
        if fault:
            raise ValueError(f"$.files lists {path!r:.200}, which {fault}")
        if not SHA256.fullmatch(digest):
            raise ValueError(f"the SHA-256 of {path!r:.200} is {digest!r:.80}, not 64 hex digits")
    _check_apart(files)


def _fault(path: str) -> str | None:
    """Return why no file of a version can have this path, or None."""
    parts = path.split("/")
    if not all(is_valid_name(part) for part in parts):
        return f"is no relative path of valid names ({NAME_RULE})"
    if len(parts) > MAX_DEPTH:
        return f"has more than {MAX_DEPTH} names"
    if folded(path) in (MANIFEST, MODEL_JSON):
        return "is a reserved name"
    return None


def _check_apart(files: dict[str, str]) -> None:
    """Refuse files that some file system would put in each other's place."""
    taken: dict[str, str] = {}
    for path in files:
        other = taken.setdefault(folded(path), path)
        if other != path:
            raise ValueError(f"$.files lists {path!r} and {other!r}, which differ in case alone")
    for path in files:
        for folder in PurePosixPath(folded(path)).parents:
            if str(folder) in taken:
                raise ValueError(f"{path!r} can't lie in {taken[str(folder)]!r}, which is a file")


def _check_main(record: ModelJson) -> None:
    loadable = _loadable(record)
    likely = _likely(record)
    wanted = f"one of the listed files that can be loaded ({', '.join(FORMATS)})"
    if record.main is None and not 0 < len(likely) <= pieces.MOST_PIECES:
        found = ", ".join(map(repr, likely[:10])) or "none"
        raise ValueError(f'say in "main" which is the file to load, {wanted}; there are: {found}')
    _check_statement(record)
    if record.main is not None and record.main not in loadable:
        raise ValueError(f"$.main is {record.main!r:.200}, it must be {wanted}")


def _check_code(record: ModelJson) -> None:
    for name in record.code:
        if name not in record.files and not any(p.startswith(f"{name}/") for p in record.files):
            raise ValueError(f"$.code names {name!r:.200}, and $.files lists nothing of it")


def _check_statement(record: ModelJson) -> None:
    """Refuse a chain of files that aren't listed, or that `main` isn't of."""
    if record.chain is None:
        return
    if not isinstance(record.chain, list) or not record.chain:
        raise ValueError("$.chain is no list of files")
    for place, entry in enumerate(record.chain):
        name = entry.get("file") if isinstance(entry, dict) else entry
        if not isinstance(name, str):
            raise ValueError(f"$.chain[{place}] is {entry!r:.100}, it must be a file's name")
        if name != pieces.TO_ARRAY and not pieces.mentioned(Statement([name]), [*record.files]):
            raise ValueError(f"$.chain[{place}] names {name!r:.200}, which $.files doesn't list")
    if record.main is not None and record.main not in _stated(record):
        raise ValueError(f"$.main is {record.main!r:.200}, which $.chain doesn't name")


def _stated(record: ModelJson) -> list[str]:
    return pieces.mentioned(Statement(record.chain), [*record.files])


def _likely(record: ModelJson) -> list[str]:
    """Return the files that can be loaded first: the last of a chain, or those of models' names."""
    if stated := _stated(record):
        return stated[-1:]
    found = pieces.together(record.files, lambda _: False)
    return [SCRIPT] if len(found) != 1 and SCRIPT in record.files else found


def _loadable(record: ModelJson) -> list[str]:
    formats = (*FORMATS,)
    return [path for path in record.files if path == SCRIPT or path.lower().endswith(formats)]


def _check_example(example: Example, where: str) -> None:
    instances, predictions = len(example.instances), len(example.predictions)
    if not instances or instances != predictions:
        raise ValueError(
            f"{where} has {instances} instances and {predictions} predictions; "
            "give at least one, and one prediction for each"
        )
    if not (math.isfinite(example.tolerance) and example.tolerance >= 0):
        raise ValueError(f"{where}.tolerance is {example.tolerance}, it must be a number from 0")
