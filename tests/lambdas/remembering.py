"""A preparer that prepares the same model once in a session of tests."""

import hashlib
from pathlib import PurePath
from typing import ClassVar

from preparation.prepare import Preparer
from serving.records.manifest import Description
from serving.records.object_keys import read_key
from serving.records.verdicts import Candidate, Rejected, Verdict
from serving.repository.candidates import Candidates

Key = tuple[object, ...]


class RememberingPreparer(Preparer):
    """Starts its children, a second or two each, only for models that it never saw.

    For tests of what comes after. Compiled forms aren't remembered, so it compiles nothing.
    """

    _described: ClassVar[dict[Key, Description]] = {}
    _rejected: ClassVar[dict[Key, Rejected]] = {}

    def __init__(
        self, candidates: Candidates, trusted_formats: tuple[str, ...], memory_mb: int
    ) -> None:
        super().__init__(candidates, trusted_formats, memory_mb)
        self._settings = (trusted_formats, memory_mb)

    def judge(self, verdict: Verdict, seconds: float) -> Verdict:
        """Say of a candidate what was found for the same model before."""
        if not isinstance(verdict, Candidate):
            return super().judge(verdict, seconds)
        contents = self._contents(verdict)
        named = (verdict.filename, *contents)  # a reason names the file
        if described := self._described.get(contents):
            return verdict.with_result(self._candidates.describe(verdict.candidate, described))
        if rejected := self._rejected.get(named):
            return verdict.rejected(rejected.code, rejected.reason)
        judged = super().judge(verdict, seconds)
        if isinstance(judged, Rejected):
            self._rejected[named] = judged
        else:
            self._described[contents] = self._candidates.description(verdict.candidate)
        return judged

    def _contents(self, verdict: Candidate) -> Key:
        """Return all that a preparation depends on: settings, the kind of upload, the bytes."""
        folder = self._candidates.files(verdict.candidate)
        others = sorted(path for path in folder.rglob("*") if path.is_file())
        paths = [folder / verdict.filename, *others]
        digests = (hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)
        suffix = PurePath(verdict.filename).suffix
        return (*self._settings, suffix, read_key(verdict.source.key).is_model_json, *digests)
