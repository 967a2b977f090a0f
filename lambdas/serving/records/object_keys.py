"""Object keys, parsed once where they enter: from events, listings and decoded records.

| object key                              | model  | version                          |
|-----------------------------------------|--------|----------------------------------|
| `iris.joblib`, `iris/model.joblib`      | `iris` | none: see `versions.version_of`  |
| `iris/3/model.joblib`                   | `iris` | `3`                              |
| `iris/3/code/x.py`, `iris/3/model.json` | `iris` | `3`, of many files               |
| `iris.tar.gz`, `iris/3/model.zip`       | `iris` | likewise; the archive is unpacked |

`key_layouts` reads keys as other tools lay them out.
"""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from serving.errors import UploadRejected
from serving.records.naming import NAME_RULE, is_valid_name, normalize

MAX_DEPTH = 8
MODEL_JSON = "model.json"
# The last extension of one compressed file.
COMPRESSIONS = (".gz", ".z", ".bz2", ".xz", ".lzma")
# What stands before it is an extension, and no part of a name such as `fraud.v2`.
_EXTENSION = re.compile(r"\.[A-Za-z]+")
FORMS = "MODEL.ext, MODEL/file.ext or MODEL/VERSION/file.ext"


@dataclass(frozen=True, slots=True)
class ObjectKey:
    """A key that names a model.

    Attributes:
        text: the decoded key, as S3 has it.
        model: the model's name in its one spelling (Unicode NFC).
        version: None where the key gives none.
        filename: the file's name; with '/' where it lies in folders of its version.
    """

    text: str
    model: str
    version: str | None
    filename: str

    @classmethod
    def parse(cls, text: str) -> "ObjectKey":
        """Parse a decoded key, as no layout but the table above has it.

        Raises:
            UploadRejected: the key gives no valid name or lies too deep.
        """
        parts = text.split("/")
        folders, path = (parts[:2], parts[2:]) if len(parts) > 2 else (parts[:-1], parts[-1:])
        model = folders[0] if folders else _stem(path[0])
        version = folders[1] if len(folders) == 2 else None
        return cls.of(text, model, version, path)

    @classmethod
    def of(cls, text: str, model: str, version: str | None, path: list[str]) -> "ObjectKey":
        """Return the key with these names; raises as `parse` does."""
        _check_path(text, path)
        model = normalize(model)
        for name in (model, *([] if version is None else [version])):
            if not is_valid_name(name):
                raise UploadRejected("INVALID_KEY", f"{name!r} is not a valid name: {NAME_RULE}.")
        return cls(text, model, version, "/".join(path))

    @property
    def version_prefix(self) -> str | None:
        """The prefix `MODEL/VERSION/`, as the key spells it; None where it gives no version."""
        return None if self.version is None else self.text.removesuffix(self.filename)

    @property
    def model_json(self) -> str | None:
        """The key of the `model.json` in the same version; None where it gives no version."""
        return None if self.version is None else f"{self.version_prefix}{MODEL_JSON}"

    @property
    def is_model_json(self) -> bool:
        """Whether the object is the `model.json` of a version."""
        return self.version is not None and self.filename == MODEL_JSON

    @property
    def recorded(self) -> dict[str, Any]:
        """The fields of a `Source` that keep how a layout read the key; none where none did."""
        plain = read_key(self.text)
        if plain == self:
            return {}
        return {
            "read_model": self.model,
            "read_version": self.version,
            "read_filename": self.filename,
        }

    def beside(self, filename: str) -> "ObjectKey":
        """Return the key of another file of the same version."""
        return ObjectKey(f"{self.version_prefix}{filename}", self.model, self.version, filename)


@dataclass(frozen=True, slots=True)
class InvalidKey:
    """A key that names no model, and the reason for its uploader.

    Attributes:
        text: the decoded key, as S3 has it.
        code: of the refusal.
    """

    text: str
    code: str
    reason: str

    @property
    def version_prefix(self) -> str | None:
        """The first two folders of the key, with '/'; None where it has fewer."""
        parts = self.text.split("/", 2)
        return f"{parts[0]}/{parts[1]}/" if len(parts) == 3 else None

    @property
    def is_model_json(self) -> bool:
        """Whether the object has the place of a version's `model.json`, whatever its names."""
        return self.version_prefix is not None and self.text == self.version_prefix + MODEL_JSON


def read_key(text: str) -> ObjectKey | InvalidKey:
    """Parse a decoded key of any form."""
    try:
        return ObjectKey.parse(text)
    except UploadRejected as error:
        return InvalidKey(text, error.rejection_code, str(error))


def _check_path(key: str, path: list[str]) -> None:
    """Refuse a path below a version's folder that is too deep or has an invalid name."""
    if len(path) > MAX_DEPTH:
        raise UploadRejected(
            "INVALID_KEY",
            f"The key {key!r} lies too deep: in {key.count('/')} folders. Use {FORMS}, "
            f"or a path of up to {MAX_DEPTH} names after MODEL/VERSION/ for the files that a "
            f"{MODEL_JSON} lists. The setting key_layouts reads keys of other forms.",
        )
    for name in path:
        if not is_valid_name(name):
            raise UploadRejected("INVALID_KEY", f"{name!r} is not a valid file name: {NAME_RULE}.")


def _stem(filename: str) -> str:
    """Return the file's name without its extension, of which `.tar.gz` and `.onnx.gz` are one."""
    path = PurePosixPath(filename)
    is_packed = path.suffix.lower() in COMPRESSIONS
    inner = PurePosixPath(path.stem)
    return inner.stem if is_packed and _EXTENSION.fullmatch(inner.suffix) else path.stem
