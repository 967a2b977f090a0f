"""Unpacks one compressed file, such as `fraud.onnx.gz`, under the limits of an archive."""

import hashlib
import os
from pathlib import Path, PurePosixPath

from loader.archives.unpacking import ALWAYS_ALLOWED_BYTES, MAX_RATIO, no_space
from loader.transfer.object_copy import FULL
from loader.transfer.tree import Tree, new_file
from serving.errors import UploadRejected
from serving.formats import compression
from serving.formats.file_names import unpacked_name
from serving.records.manifest import ModelFile


def unpack(packed: Path, folder: Path, max_bytes: int) -> ModelFile:
    """Unpack the file into a folder, durably; one that isn't compressed is taken as it is.

    Raises:
        UploadRejected: it is damaged, has more than `max_bytes`, or there is no room for it.
    """
    name = unpacked_name(packed.name)
    limit = min(max_bytes, max(ALWAYS_ALLOWED_BYTES, MAX_RATIO * packed.stat().st_size))
    digest, size = hashlib.sha256(), 0
    try:
        with (
            Tree(folder) as tree,
            tree.folder(PurePosixPath()) as descriptor,
            new_file(name, descriptor) as target,
            open(target, "wb", closefd=False) as file,
        ):
            for chunk in compression.chunks(packed):
                size += file.write(chunk)
                if size > limit:
                    raise _bad(packed, f"has more than {limit} bytes when it is unpacked")
                digest.update(chunk)
            file.flush()
            os.fsync(target)
    except compression.DAMAGED as error:
        raise _bad(packed, f"is damaged or cut off: {error}") from error
    except OSError as error:
        if error.errno is None:
            raise _bad(packed, f"is damaged: {error}") from error
        if error.errno in FULL:
            raise no_space(packed.name, error) from error
        raise
    return ModelFile(name, size, digest.hexdigest())


def _bad(packed: Path, why: str) -> UploadRejected:
    advice = "Compress the model again, or upload it as it is."
    return UploadRejected("BAD_ARCHIVE", f"{packed.name!r} {why}. {advice}")
