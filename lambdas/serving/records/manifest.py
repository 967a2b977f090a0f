"""The manifest of a version: its source, its files and the preparer's description."""

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from modelmount_compiler.chain import Chain
from modelmount_compiler.compilation import Compilation
from modelmount_compiler.independence import Independence
from modelmount_compiler.signature import Signature
from modelmount_compiler.tensors import Tensor

if TYPE_CHECKING:
    from serving.records.object_keys import ObjectKey

# The name of the record among a version's files.
MANIFEST = "manifest.json"


@dataclass(frozen=True)  # without slots, for `object_key`
class Source:
    """The S3 object that a version was made from.

    Attributes:
        key: the text of the object's key, which names a model.
        version_id: S3's id of this write, or the ETag in a bucket without versions.
        last_modified: S3's time of the write, UTC, ISO 8601 with whole seconds.
        sequencer: S3's hexadecimal order of events on one key; empty when unknown.
        size: bytes.
        contents: for a `model.json`, a digest of all objects that lay in its folder when it was
            read; empty otherwise.
        read_model: the model's name, where a layout read the key; else empty. What an upload was
            read as stays, whatever the setting `key_layouts` becomes.
        read_version: likewise the version, or None.
        read_filename: likewise the file's path.
    """

    bucket: str
    key: str
    version_id: str
    last_modified: str
    etag: str
    size: int
    sequencer: str = ""
    contents: str = ""
    read_model: str = ""
    read_version: str | None = None
    read_filename: str = ""

    @functools.cached_property
    def object_key(self) -> "ObjectKey":
        """The parsed key. It is parsed when first asked for: readers that serve do without."""
        from serving.records.object_keys import ObjectKey  # noqa: PLC0415 (a cold start does without)

        if self.read_model:
            return ObjectKey(self.key, self.read_model, self.read_version, self.read_filename)
        return ObjectKey.parse(self.key)

    def has_same_content(self, other: "Source") -> bool:
        """Whether both hold the same bytes, as far as S3 tells: ETag and size."""
        return (self.etag, self.size) == (other.etag, other.size)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a version: its path there, its size in bytes and its SHA-256 in hexadecimal.

    Attributes:
        etag: the ETag of the object that it was copied from, where `model.json` lists it.
    """

    name: str
    size: int
    sha256: str
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """The preparer's findings about a candidate.

    Attributes:
        format: a key of `serving.formats.model_formats.BY_NAME`, such as `joblib` or `xgboost`.
        runtime: the module of `modelmount_compiler.frameworks` that serves it.
        estimator: the class of the loaded object, for people.
        memory_bytes: growth of resident memory while loading and answering once.
        load_ms: time to load, imports not counted.
        packages: name to version of the packages that loaded it.
        compilation: the result of compiling it; None where that wasn't tried.
        outputs: what each method answered when it was asked: a tensor by the method's name, or
            `predict_proba_0` and so on of several; empty in records from before this field.
        independence: whether rows influence each other; None in records from before this field.
        environment: the name of the environment whose libraries loaded it; `default` is the
            deployment's own, and that of records from before this field.
        environment_reason: why that one was chosen, for people.
        chain: how its objects belong together, where it is of several; else None.
        notes: what is probably missing or left out, for people.
    """

    format: str
    runtime: str
    estimator: str
    signature: Signature
    memory_bytes: int
    load_ms: float
    packages: dict[str, str]
    compilation: Compilation | None = None
    outputs: tuple[Tensor, ...] = ()
    independence: Independence | None = None
    environment: str = "default"
    environment_reason: str = ""
    chain: Chain | None = None
    notes: tuple[str, ...] = ()

    @property
    def rows_are_independent(self) -> bool:
        """Whether rows of several callers may be answered in one call."""
        return self.independence is not None and self.independence.rows == "independent"


@dataclass(frozen=True, slots=True)
class Manifest:
    """`manifest.json` of a published version; the first of its files is the one to load.

    Attributes:
        format: goes up when older code would misread the record (docs/versions.md). Records from
            before this field are of format 1.
        image: the image in which it was prepared: its library versions and the compiler's, as the
            deployment names them; empty where that isn't known.
        kept_in: the image in which preparing it again failed: it serves as it was prepared before.
        kept_because: why that failed, for people.
    """

    model: str
    version: str
    published_at: str
    source: Source
    files: tuple[ModelFile, ...]
    description: Description
    format: Literal[1] = 1
    image: str = ""
    kept_in: str = ""
    kept_because: str = ""

    @property
    def names(self) -> set[str]:
        """Names of all files in the version's folder, the compiled form's among them."""
        compilation = self.description.compilation
        made = {compilation.file} if compilation is not None and compilation.file else set()
        return made | {file.name for file in self.files}
