"""What can be done with a throw-away stage, wherever it is deployed."""

from typing import Protocol

from first_deploy.access import Access


class DeploymentFailed(Exception):
    """The stage can't be deployed, or isn't ours; the text says what to do."""


class Deployment(Protocol):
    """A stage, on AWS or on this machine.

    Attributes:
        stage: its name.
        is_local: whether it runs on this machine.
    """

    stage: str
    is_local: bool

    def describe(self) -> str:
        """Say where it is, in a line."""

    def deploy(self) -> None:
        """Deploy it, or bring it up to date. Raises DeploymentFailed."""

    def access(self) -> Access:
        """Return the way to the deployed stage."""

    def lose_file_system(self) -> None:
        """Delete all models from the file system, behind the deployment's back."""

    def log_lines(self, function: str) -> list[str]:
        """Return what a function has logged so far, by the name that the stack gives it."""

    def destroy(self) -> list[str]:
        """Remove all of it; return what is left, and why."""
