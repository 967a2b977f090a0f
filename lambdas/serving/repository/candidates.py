"""Candidates: uploads on their way, each in a folder whose name nobody can guess."""

import contextlib
import hashlib
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from serving.errors import RecordError
from serving.records import codec
from serving.records.manifest import Description
from serving.records.verdicts import Prepared
from serving.repository import files, handover, reading

DESCRIPTION = "description.json"
FILES = "files"
MAX_DESCRIPTION_BYTES = 16 * 1024 * 1024
# The group is the preparer's, on AWS. In a sticky folder it can't move or delete what others own.
ENTERED_BY_GROUP, READ_BY_GROUP, WRITTEN_BY_GROUP = 0o710, 0o750, 0o1770
SWEEP_AFTER_SECONDS = 24 * 3600.0


class Candidates:
    """The folder `candidates/`.

    In a candidate's folder, `files/` holds the uploaded files and becomes the version's folder.
    `description.json` holds the preparer's findings.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def lay_out(self) -> None:
        """Make the folder, which only its owner lists.

        The preparer is another user of the owner's group on AWS. It enters a candidate that it is
        told the name of, and finds no other. Candidates of an older release are opened to it.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        self._root.chmod(ENTERED_BY_GROUP)
        for folder in self._root.iterdir():
            with contextlib.suppress(OSError):  # one that goes meanwhile, or isn't a folder
                folder.chmod(WRITTEN_BY_GROUP)

    def create(self) -> str:
        """Make an empty candidate and return its id."""
        candidate = uuid.uuid4().hex
        folder = self._root / candidate
        (folder / FILES).mkdir(parents=True)
        (folder / FILES).chmod(READ_BY_GROUP)
        folder.chmod(WRITTEN_BY_GROUP)
        return candidate

    def files(self, candidate: str) -> Path:
        """Return the folder of the uploaded files; raises as `folder` does."""
        return self.folder(candidate) / FILES

    def compiled(self, candidate: str) -> Path:
        """Return where the preparer leaves the compiled form; the name is the version's file."""
        return self.folder(candidate) / f".compiled-{candidate[:12]}.safetensors"

    def folder(self, candidate: str) -> Path:
        """Return the candidate's folder.

        Raises:
            RecordError: the id isn't one that `create` gives, so it can't lead elsewhere.
        """
        if len(candidate) != 32 or not set(candidate) <= set("0123456789abcdef"):
            raise RecordError(f"{candidate!r:.80} is not a candidate's id")
        return self._root / candidate

    @contextlib.contextmanager
    def workplace(self, candidate: str) -> Iterator[Path]:
        """Yield a new folder for one child's results; nobody else knows its name."""
        folder = self.folder(candidate) / f"made-{uuid.uuid4().hex}"
        folder.mkdir()
        folder.chmod(WRITTEN_BY_GROUP & 0o777)  # so that the loader can delete what is left of it
        try:
            yield folder
        finally:
            files.remove(folder)

    def take_compiled(self, candidate: str, made: Path, most_bytes: int) -> str:
        """Take the compiled form that a child made, and return its SHA-256.

        Raises:
            NoRegularFile: it isn't a file of this one name, of at most so many bytes.
        """
        return handover.take(made, self.compiled(candidate), most_bytes)

    def describe(
        self, candidate: str, description: Description, compiled_sha256: str | None = None
    ) -> Prepared:
        """Leave the preparer's findings beside the files, and return what identifies them."""
        folder = self.folder(candidate)
        files.write_record(folder / DESCRIPTION, description, folder)
        content = codec.dumps(description).encode()
        return Prepared(hashlib.sha256(content).hexdigest(), compiled_sha256)

    def prepared_description(self, candidate: str, prepared: Prepared) -> Description:
        """Read the findings that the preparer's answer is about.

        Raises:
            UploadRejected: others lie there, or none.
            RecordError: they aren't of the right shape.
        """
        path = self.folder(candidate) / DESCRIPTION
        content = handover.read(path, prepared.description_sha256, MAX_DESCRIPTION_BYTES)
        return codec.loads(Description, content)

    def description(self, candidate: str) -> Description:
        """Read the preparer's findings where only the preparer writes.

        Raises:
            RecordError: there are none, or they aren't of the right shape.
        """
        path = self.folder(candidate) / DESCRIPTION
        if path.is_symlink() or not path.is_file():
            raise RecordError("the candidate has no description")
        if path.stat().st_size > MAX_DESCRIPTION_BYTES:
            raise RecordError("the candidate's description is too large")
        description = reading.read_record(path, Description)
        if description is None:
            raise RecordError("the candidate has no description")
        return description

    def adopt_compiled(self, candidate: str, name: str, sha256: str | None) -> None:
        """Put the compiled form beside the files, unless an earlier try did.

        Raises:
            RecordError: it isn't called as the preparer calls it, or was never taken.
            UploadRejected: another one lies there.
        """
        left, target = self.compiled(candidate), self.files(candidate) / name
        if name != left.name or sha256 is None:
            raise RecordError(f"no compiled form {name!r:.80} was taken")
        if target.exists():
            handover.verify(target, sha256)
        else:
            handover.copy(left, target, self.folder(candidate), sha256)

    def discard(self, candidate: str) -> None:
        """Delete the candidate, if it is still there."""
        shutil.rmtree(self.folder(candidate), ignore_errors=True)

    def stale(self, older_than: float = SWEEP_AFTER_SECONDS) -> list[str]:
        """List the candidates that have lain untouched for so many seconds."""
        return [path.name for path in files.stale(self._root, older_than)]

    def sweep(self, older_than: float = SWEEP_AFTER_SECONDS) -> list[str]:
        """Delete candidates that have lain untouched for so many seconds; return their ids."""
        stale = self.stale(older_than)
        for name in stale:
            files.remove(self._root / name)
        return stale
