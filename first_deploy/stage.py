"""The stage as checks see it: deployed, with models on it, and with what was measured."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from first_deploy.access import Access
from first_deploy.aws_deployment import AwsDeployment
from first_deploy.deployment import Deployment
from first_deploy.journal import Journal
from first_deploy.models import FirstModel
from first_deploy.result import Differs
from modelmount.operations import OperationFailed, show

Found = TypeVar("Found")
POLL_SECONDS = 0.2


class Stage:
    """A deployment, and what checks share.

    Attributes:
        journal: notes what is made.
    """

    def __init__(self, deployment: Deployment, journal: Journal) -> None:
        self.deployment = deployment
        self.journal = journal
        self._access: Access | None = None

    @property
    def access(self) -> Access:
        """The way to the stage, found once."""
        if self._access is None:
            self._access = self.deployment.access()
        return self._access

    @property
    def aws(self) -> AwsDeployment:
        """The deployment on AWS; checks that a local run leaves out ask it."""
        if not isinstance(self.deployment, AwsDeployment):
            raise TypeError("This check is for AWS alone.")
        return self.deployment

    def put(self, model: FirstModel, version: int) -> tuple[list[Any], list[Any]]:
        """Upload a version; return rows, and the model's own predictions for them."""
        content, rows, expected = model.upload(version)
        s3 = self.access.client("s3")
        s3.put_object(Bucket=self.access.bucket, Key=model.key(version), Body=content)
        return rows, expected

    def state(self, model: str, version: int) -> dict[str, Any]:
        """Return a version's entry; {} while there is none."""
        try:
            status = show(self.access.target, model)
        except OperationFailed:
            return {}
        entries = (dict(v) for v in status["versions"] if v["version"] == str(version))
        return next(entries, {})

    def wait_for_version(self, model: str, version: int, seconds: float) -> dict[str, Any]:
        """Wait until an upload is decided; return its entry."""

        def decided() -> dict[str, Any] | None:
            entry = self.state(model, version)
            on_its_way = entry.get("state") in (None, "staged", "preparing")
            return None if on_its_way else entry

        return wait(decided, seconds, f"{model} version {version} wasn't decided")


def wait(
    look: Callable[[], Found | None], seconds: float, told: str, poll: float = POLL_SECONDS
) -> Found:
    """Look again and again until something is found; raises Differs when it isn't in time."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise Differs(f"{told} in {seconds:g} s")
        time.sleep(poll)
