"""One model's folder: its versions, and the link to the one that serves."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from serving.records.manifest import MANIFEST, Manifest
from serving.records.naming import digest, is_valid_name
from serving.repository import reading


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """A version that can serve: its manifest and the folder that holds its files."""

    manifest: Manifest
    folder: Path

    @property
    def model_file(self) -> Path:
        """The file to load, which is the first of the manifest."""
        return self.folder / self.manifest.files[0].name


class ModelFolder:
    """The folder `models/<model>`: where everything of one model lies."""

    __slots__ = ("path",)

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        """The model's name."""
        return self.path.name

    @property
    def lock(self) -> Path:
        """The file that a writer locks."""
        return self.path / ".lock"

    @property
    def link(self) -> Path:
        """The symbolic link to the version that serves."""
        return self.path / "current"

    @property
    def selection(self) -> Path:
        """The record of what an operator pinned or rolled back."""
        return self.path / "selection.json"

    @property
    def pending(self) -> Path:
        """The folder of records of uploads on their way."""
        return self.path / "pending"

    @property
    def rejected(self) -> Path:
        """The folder of records of refused uploads."""
        return self.path / "rejected"

    @property
    def waiting(self) -> Path:
        """The folder of records of incomplete versions."""
        return self.path / "waiting"

    @property
    def withdrawn(self) -> Path:
        """The folder of tombstones."""
        return self.path / "withdrawn"

    @property
    def versions(self) -> Path:
        """The folder of the versions' folders."""
        return self.path / "versions"

    def version(self, version: str) -> Path:
        """Return the folder of a version's files."""
        return self.versions / version

    def refresh(self) -> None:
        """Learn what other machines changed in each folder."""
        records = (self.pending, self.rejected, self.waiting, self.withdrawn)
        for folder in (self.path, self.versions, *records):
            reading.refresh(folder)

    def current(self) -> str | None:
        """Return the version that serves, or None."""
        target = reading.read_link(self.link)
        return None if target is None else PurePosixPath(target).name

    def manifest(self, version: str) -> Manifest | None:
        """Read the manifest of a version, or None when there is no such version."""
        # A version can be deleted and written anew. What is known of its folder may be the old one.
        return self._manifest(version) if reading.refresh(self.versions) else None

    def manifests(self) -> list[Manifest]:
        """Read the manifest of every version that can serve, in order of version name."""
        found = (self._manifest(name) for name in reading.names(self.versions))
        return [manifest for manifest in found if manifest is not None]

    def _manifest(self, version: str) -> Manifest | None:
        if not is_valid_name(version):
            return None
        return reading.read_record(self.version(version) / MANIFEST, Manifest)


def record_name(key: str, version_id: str | None) -> str:
    """Return the file name of the records of one write of an object.

    Sixteen hexadecimal digits: among a million writes of one model hardly any two share a name.
    """
    written = f"{key}\0{version_id or ''}"
    return f"{digest(written, 16)}.json"
