"""Model file formats: by name at upload, by content when prepared.

`check_extension` needs nothing but the name, so the loader refuses early what can never serve.
"""

import itertools
import pickletools
import zipfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from serving.errors import UploadRejected
from serving.naming import MODEL_JSON, ObjectName

FORMATS = {".joblib": "joblib", ".pkl": "pickle", ".pickle": "pickle", ".skops": "skops"}
ARCHIVES = (".tar.gz", ".tgz", ".zip")
RUNTIMES = {"joblib": "sklearn", "pickle": "sklearn", "skops": "sklearn"}

# How a compressed joblib file starts: zlib (four levels), gzip, bzip2, xz, lzma, lz4 frame.
COMPRESSED = (
    *(b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"),
    *(b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x5d\x00\x00", b"\x04\x22\x4d\x18"),
)


def is_archive(filename: str) -> bool:
    """Whether the file's name promises an archive that holds a model."""
    return filename.lower().endswith(ARCHIVES)


def is_part(name: ObjectName) -> bool:
    """Whether the object can only be a part of a version, which `model.json` lists."""
    if name.version is None or name.filename == MODEL_JSON:
        return False
    is_model = PurePosixPath(name.filename).suffix.lower() in FORMATS
    return "/" in name.filename or not (is_model or is_archive(name.filename))


# No text gets that far by chance, and joblib's arrays, which are no opcodes, come later.
FOLLOWED_OPCODES = 20


def check_extension(filename: str) -> str:
    """Return the format that the file's name promises.

    Raises:
        UploadRejected: none that can be served.
    """
    extension = PurePosixPath(filename).suffix.lower()
    if extension not in FORMATS:
        given = f"the extension {extension!r}" if extension else "no extension"
        raise UploadRejected(
            "UNSUPPORTED_FORMAT",
            f"{filename!r} has {given}; accepted are {', '.join(FORMATS)}, and archives of them: "
            f"{', '.join(ARCHIVES)}. "
            "Save the model with joblib.dump, pickle.dump or skops.io.dump.",
        )
    return FORMATS[extension]


def recognise(path: Path) -> str:
    """Return the file's format, having looked inside: `joblib`, `pickle` or `skops`.

    Raises:
        UploadRejected: the content isn't what the name promises.
    """
    promised = check_extension(path.name)
    with path.open("rb") as file:
        fits = _is_skops(file) if promised == "skops" else _is_pickle(file, promised)
        if not fits:
            file.seek(0)
            raise UploadRejected(
                "CORRUPT_FILE",
                f"{path.name!r} is no {promised} file: it starts with {file.read(16)!r}. "
                f"Save the model again with {_writer(promised)}.",
            )
    return promised


def _writer(name: str) -> str:
    return {"joblib": "joblib.dump", "pickle": "pickle.dump", "skops": "skops.io.dump"}[name]


def _is_pickle(file: BinaryIO, promised: str) -> bool:
    start = file.read(8)
    if start[:1] == b"\x80":  # protocol 2 and later open with PROTO
        return True
    if promised == "joblib" and start.startswith(COMPRESSED):
        return True
    file.seek(0)
    try:  # protocols 0 and 1 have no mark: follow the first opcodes
        return sum(1 for _ in itertools.islice(pickletools.genops(file), FOLLOWED_OPCODES)) > 1
    except Exception:
        return False


def _is_skops(file: BinaryIO) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return "schema.json" in archive.namelist()
    except zipfile.BadZipFile:
        return False
