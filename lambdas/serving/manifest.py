"""The records that lie beside a model's files: where it came from, and what it is."""

from dataclasses import dataclass
from typing import Any, Literal

Method = Literal["predict", "predict_proba", "decision_function", "transform"]
METHODS: tuple[Method, ...] = ("predict", "predict_proba", "decision_function", "transform")


@dataclass(frozen=True, slots=True)
class Source:
    """The S3 object that a version was made from.

    Attributes:
        version_id: S3's id of this write, or the ETag in a bucket without versions.
        last_modified: S3's time of the write, UTC, ISO 8601 with whole seconds.
        sequencer: S3's hexadecimal order of events on one key; empty when unknown.
        size: bytes.
        contents: of a `model.json`: a digest of all objects that lay in its folder when it was
            looked at; empty where that doesn't matter.
    """

    bucket: str
    key: str
    version_id: str
    last_modified: str
    etag: str
    size: int
    sequencer: str = ""
    contents: str = ""

    def has_same_content(self, other: "Source") -> bool:
        """Whether both hold the same bytes, as far as S3 tells: ETag and size."""
        return (self.etag, self.size) == (other.etag, other.size)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a version: its path there, its size in bytes and its SHA-256 in hexadecimal.

    Attributes:
        etag: of the object that it was copied from, where `model.json` lists it.
    """

    name: str
    size: int
    sha256: str
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a model takes and gives.

    Attributes:
        input: `matrix` takes rows of values, `frame` rows or records by column name, `text`
            one string an instance.
        dtype: of a matrix: `number` (float64) or `any` (as sent).
        n_features: values in a row; None when the model doesn't say.
        columns: names in the order of a row, where the model was fitted with names.
        allows_missing: whether null is taken for a number.
        methods: what can be asked for.
        classes: labels in the order of the columns of `predict_proba`; a list of such lists for
            a model with several outputs.
    """

    input: Literal["matrix", "frame", "text"]
    dtype: Literal["number", "any"]
    n_features: int | None
    columns: tuple[str, ...] | None
    allows_missing: bool
    methods: tuple[Method, ...]
    classes: Any = None


@dataclass(frozen=True, slots=True)
class Description:
    """What the preparer found out by loading a candidate.

    Attributes:
        format: a key of `serving.formats.BY_NAME`, such as `joblib` or `xgboost`.
        runtime: the module of `serving.runtimes` that serves it.
        estimator: the class of the loaded object, for people.
        memory_bytes: growth of resident memory while loading and answering once.
        load_ms: time to load, imports not counted.
        packages: name to version, of what loaded it.
        compilation: what came of compiling it; None where that wasn't tried.
    """

    format: str
    runtime: str
    estimator: str
    signature: Signature
    memory_bytes: int
    load_ms: float
    packages: dict[str, str]
    compilation: "Compilation | None" = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """`manifest.json` of a published version; the first of its files is the one to load."""

    model: str
    version: str
    published_at: str
    source: Source
    files: tuple[ModelFile, ...]
    description: Description

    @property
    def names(self) -> set[str]:
        """Names of all files in the version's folder, the compiled form's among them."""
        compilation = self.description.compilation
        made = {compilation.file} if compilation is not None and compilation.file else set()
        return made | {file.name for file in self.files}


@dataclass(frozen=True, slots=True)
class Pending:
    """`pending/<digest>.json`: an upload on its way, and the candidate that it lies in.

    Attributes:
        cause: the key whose event made it, where several objects are one upload.
    """

    model: str
    version: str
    candidate: str
    since: str
    source: Source
    files: tuple[ModelFile, ...] = ()
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """`waiting/<version>.json`: a version of many files that isn't complete.

    Attributes:
        since: when that was last found to have changed, UTC, ISO 8601.
        source: its `model.json`, or one of its files as long as there is none.
        missing: what `model.json` lists and the bucket doesn't have.
    """

    model: str
    version: str
    since: str
    reason: str
    source: Source
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejection:
    """`rejected/<digest>.json`: why an upload was refused."""

    model: str
    version: str
    code: str
    reason: str
    at: str
    source: Source


@dataclass(frozen=True, slots=True)
class Tombstone:
    """`withdrawn/<digest>.json`: an object that was deleted, so that a late event can't revive it.

    Attributes:
        version_id: the one write that was deleted, or None: the key was.
        at: when this was written down, UTC, ISO 8601.
        versions: what it withdrew.
        deleted_at: when S3 deleted it, for comparison with writes of unknown sequencer.
        ordered_at: when an operator deleted these versions, which takes what was written for
            their names until then; empty when it wasn't an operator.
    """

    key: str
    version_id: str | None
    sequencer: str
    at: str
    versions: tuple[str, ...] = ()
    deleted_at: str = ""
    ordered_at: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """`selection.json`: what an operator said about which version serves.

    Attributes:
        pinned: the version that stays current whatever arrives, if any.
        rolled_back: versions that were current once and are passed over since.
    """

    pinned: str | None = None
    rolled_back: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """`.refused/<digest>.json`: an object whose key names no model."""

    key: str
    code: str
    reason: str
    at: str


@dataclass(frozen=True, slots=True)
class Timing:
    """Median time to answer so many rows in one call, from JSON values to JSON values."""

    rows: int
    original_us: float
    compiled_us: float


@dataclass(frozen=True, slots=True)
class MethodProof:
    """How the compiled form of one method stood against the original.

    Attributes:
        probes: rows that both answered.
        refused: batches that both refused.
        flips: values that must be equal and weren't: labels, counts, categories; of the batch
            that ended the comparison.
        largest_difference: of numbers: |a - b| / max(|b|, 1e-3), b the original's.
        bound: the largest difference that is allowed.
        min_rows: the fewest rows in a call for which the compiled form answers.
        max_rows: the most rows for which it does; None where there is no such bound.
        reason: why it never answers this method, for people; None where it does.
    """

    method: Method
    probes: int
    refused: int
    flips: int
    largest_difference: float
    bound: float
    timings: tuple[Timing, ...] = ()
    min_rows: int = 1
    max_rows: int | None = None
    reason: str | None = None

    def covers(self, rows: int) -> bool:
        """Whether the compiled form answers a call of so many rows."""
        most = rows if self.max_rows is None else self.max_rows
        return self.reason is None and self.min_rows <= rows <= most


@dataclass(frozen=True, slots=True)
class Compilation:
    """What came of compiling a model.

    Attributes:
        file: name of the compiled form among the version's files; None where the original serves.
        reason: why there is none, for people.
        methods: each method that was tried.
        seed: of the probes' random draws.
        seconds: what compiling and proving took.
        seconds_allowed: what they could have taken.
        original_load_ms: with the imports that loading sets off.
        compiled_load_ms: likewise, in a fresh process.
    """

    file: str | None
    reason: str | None
    methods: tuple[MethodProof, ...] = ()
    seed: int = 0
    seconds: float = 0.0
    seconds_allowed: float = 0.0
    original_load_ms: float = 0.0
    compiled_load_ms: float = 0.0
    original_bytes: int = 0
    compiled_bytes: int = 0

    def covers(self, method: Method, rows: int) -> bool:
        """Whether the compiled form answers a call of this method with so many rows."""
        return any(proof.method == method and proof.covers(rows) for proof in self.methods)
