"""Chains on their way between the processes of a preparation."""

import base64
import dataclasses
import zlib
from collections.abc import Sequence
from pathlib import Path

from modelmount_compiler.chain import RUNTIME, Chain
from serving.errors import UploadRejected
from serving.formats.pieces import Upload
from serving.records import codec
from serving.records.manifest import Description

# How arguments of a child begin: the folder of all files, and a chain that is known.
FOLDER, CHAIN = "folder=", "chain="
MOST_LETTERS = 100_000  # the kernel takes 128 KiB an argument


def arguments(chain: Chain | None) -> list[str]:
    """Return what tells a child the chain that was found."""
    if chain is None:
        return []
    packed = base64.b85encode(zlib.compress(codec.dumps(chain).encode())).decode()
    if len(packed) > MOST_LETTERS:
        text = "The names of the columns are too many or too long to hand on; use shorter ones."
        raise UploadRejected("TOO_LARGE", text)
    return [CHAIN + packed]


def told(given: Sequence[str]) -> tuple[list[Path], Path | None, Chain | None]:
    """Return the paths, the folder and the chain among a child's arguments."""
    folder = next((each for each in given if each.startswith(FOLDER)), None)
    chain = next((each for each in given if each.startswith(CHAIN)), None)
    paths = [Path(each) for each in given if each not in (folder, chain)]
    return (
        paths,
        None if folder is None else Path(folder.removeprefix(FOLDER)),
        None if chain is None else codec.loads(Chain, _unpacked(chain.removeprefix(CHAIN))),
    )


def _unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b85decode(text))


def checked(description: Description, upload: Upload) -> Description:
    """Return the description with its chain, which model code may have written.

    Raises:
        UploadRejected: it is of other files than the upload's.
    """
    chain = description.chain
    if chain is None:
        return description
    formats = dict(upload.files)
    is_own = all(formats.get(link.file) == link.format for link in chain.links if link.file)
    if chain.main != upload.files[0][0] or not is_own:
        raise UploadRejected("LOAD_FAILED", "The model's process reported files of no upload.")
    return dataclasses.replace(description, runtime=RUNTIME)
