"""Requests to an API's stage, and its answers."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from multidict import CIMultiDict


@dataclass(frozen=True)
class ApiRequest:
    """A request to a stage.

    Attributes:
        path: as the client sent it, without the stage.
        identity: the caller's fields in `requestContext.identity`, if the caller is known.
    """

    verb: str
    path: str
    query: str
    headers: CIMultiDict[str]
    body: bytes
    source_ip: str
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    identity: Mapping[str, str] = field(default_factory=dict)

    @property
    def media_type(self) -> str:
        """The Content-Type without parameters, lower case."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class ApiResponse:
    """An answer to the client."""

    status: int
    headers: CIMultiDict[str]
    body: bytes


def is_binary(media_type: str, binary_types: Sequence[str]) -> bool:
    """Checks whether a body of this type is binary. `*/*` covers a missing type too."""
    return any(b == "*/*" or fnmatchcase(media_type, b.lower()) for b in binary_types)
