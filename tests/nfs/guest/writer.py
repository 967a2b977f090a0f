"""A loader of one client, which uploads models of one small file each."""

from pathlib import Path
from typing import Any

from serving.records.verdicts import Rejected, Removed
from serving.repository.operations import Operations
from serving.repository.repository import Repository
from tests.lambdas.crash import bucket
from tests.lambdas.crash.steps import act, stage


class Writer:
    """Uploads, refuses and withdraws models."""

    def __init__(self, root: Path) -> None:
        self.repository = Repository.laid_out(root)

    @property
    def operations(self) -> Operations:
        """What an operator can ask for."""
        return self.repository.operations

    def upload(self, model: str, version: int, write: int | None = None) -> Any:
        """Upload and publish a version; `write` numbers it where it isn't the first of its key."""
        origin = bucket.source(write or version, f"{model}/{version}/m.pkl")
        return act(self.repository, stage(self.repository, origin))

    def announce(self, model: str) -> None:
        """Begin the upload of version 1."""
        self.repository.announce(model, "1", bucket.source(1, f"{model}/1/m.pkl"))

    def reject(self, model: str) -> None:
        """Refuse the upload of version 1."""
        origin = bucket.source(1, f"{model}/1/m.pkl")
        act(self.repository, Rejected(model, "1", "CODE", "why", origin))

    def withdraw(self, model: str, version: int) -> None:
        """Act on the deletion of an object."""
        act(self.repository, Removed(f"{model}/{version}/m.pkl", None, "F"))
