"""Bodies as they are, for models whose own code reads and writes them.

A script of a model takes bytes of any media type, and gives some back. Between this process and a
model's worker they travel as named arrays, of which the script makes what it likes.
"""

import re
from typing import Any, NamedTuple

import numpy as np

from modelmount_compiler.instances.batches import NamedTensors
from serving.records.manifest import Manifest

SCRIPT = "script"
# What a media type looks like: a worker isn't trusted to write nothing else into a header.
MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+*-]+( *; *[\w.-]+=(\"[\w ./:+-]*\"|[\w./:+-]*))*")
LONGEST_TYPE = 200
BODY, CONTENT_TYPE, ACCEPT = "body", "content_type", "accept"


class Written(NamedTuple):
    """A body that a script wrote, and its media type."""

    body: bytes
    kind: str


class Asked(NamedTuple):
    """A body that a script reads, its media type, and the one that the caller wants."""

    body: bytes
    kind: str
    accepted: str


def is_raw(manifest: Manifest) -> bool:
    """Whether a version's own script reads and writes bodies as they are."""
    return manifest.description.runtime == SCRIPT


def packed(asked: Asked) -> NamedTensors:
    """Return what the worker is asked."""
    arrays = {
        BODY: np.frombuffer(asked.body, np.uint8),
        CONTENT_TYPE: np.array([asked.kind]),
        ACCEPT: np.array([asked.accepted]),
    }
    return NamedTensors(arrays, (BODY, CONTENT_TYPE))


def unpacked(batch: NamedTensors) -> Asked:
    """Return what was packed."""
    arrays = batch.arrays
    return Asked(arrays[BODY].tobytes(), str(arrays[CONTENT_TYPE][0]), str(arrays[ACCEPT][0]))


def answered(given: Any) -> list[Any]:
    """Return a script's answer as arrays: a body with its type, or a prediction without one."""
    if isinstance(given, Written):
        return [np.frombuffer(given.body, np.uint8), np.array([given.kind])]
    return [np.asarray(given), np.array([""])]


def told(answer: list[Any]) -> Any:
    """Return what `answered` was given: a `Written`, or a prediction as an array."""
    given, kind = answer
    name = str(kind[0])
    if not name:
        return given
    if len(name) > LONGEST_TYPE or not MEDIA_TYPE.fullmatch(name):
        raise ValueError(f"the script gives {name!r:.80} for a media type")
    return Written(np.asarray(given, np.uint8).tobytes(), name)
