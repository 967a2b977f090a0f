"""The preparer's answer about what lies in a candidate, for tests that leave it there by hand."""

import hashlib
from pathlib import Path

from serving.records.verdicts import Prepared
from serving.repository.candidates import DESCRIPTION
from serving.repository.repository import Repository


def prepared(repository: Repository, candidate: str) -> Prepared:
    """Return the digests of what lies there."""
    description = repository.candidates.folder(candidate) / DESCRIPTION
    compiled = repository.candidates.compiled(candidate)
    return Prepared(_sha256(description) or "", _sha256(compiled))


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
