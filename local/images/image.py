"""The state of a container image while its Dockerfile is interpreted."""

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from dockerfile_parse.util import WordSplitter

from local.errors import AssemblyError

TASK_ROOT = "/var/task"
# What Lambda's Python base images set, as far as a Dockerfile or a handler may rely on it.
BASE_ENVIRONMENT = {"LAMBDA_TASK_ROOT": TASK_ROOT, "LAMBDA_RUNTIME_DIR": "/var/runtime"}


@dataclass
class Image:
    """An image, laid out below `root`."""

    root: Path
    base: str
    environment: dict[str, str] = field(default_factory=lambda: dict(BASE_ENVIRONMENT))
    workdir: str = TASK_ROOT
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    arguments: dict[str, str] = field(default_factory=dict)

    @property
    def task_root(self) -> Path:
        """The folder of /var/task on this machine."""
        return self.path(TASK_ROOT)

    def path(self, inside: str) -> Path:
        """Returns the place of a path of the image on this machine."""
        absolute = PurePosixPath(self.workdir) / inside
        if ".." in absolute.parts:
            raise AssemblyError(f"the path {inside} leaves the image")
        return self.root.joinpath(*absolute.parts[1:])

    def words(self, text: str) -> list[str]:
        """Splits text into shell words and expands the stage's variables."""
        return list(WordSplitter(text, args=self.arguments, envs=self.environment).split())
