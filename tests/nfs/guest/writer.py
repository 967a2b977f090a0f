"""A loader of one client, which uploads models of one small file each."""

from pathlib import Path
from typing import Any

from serving.records.verdicts import Refused, Rejected, Removed
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

    def announce(self, model: str, version: int = 1, write: int = 1) -> None:
        """Begin an upload."""
        origin = bucket.source(write, f"{model}/{version}/m.pkl")
        self.repository.announce(model, str(version), origin)

    def reject(self, model: str, version: int = 1, write: int = 1) -> None:
        """Refuse an upload."""
        origin = bucket.source(write, f"{model}/{version}/m.pkl")
        act(self.repository, Rejected(model, str(version), "CODE", "why", origin))

    def refuse(self, key: str) -> None:
        """Refuse an upload whose key names no model."""
        act(self.repository, Refused(key, "CODE", "why"))

    def withdraw(self, model: str, version: int, write: int = 10**9) -> None:
        """Act on the deletion of an object, after so many writes."""
        key, sequencer = f"{model}/{version}/m.pkl", bucket.sequencer(write)
        act(self.repository, Removed(key, None, sequencer))
