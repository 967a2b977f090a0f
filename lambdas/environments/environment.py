"""An environment: an interpreter of Python with libraries of certain versions."""

import re
from dataclasses import dataclass
from pathlib import Path

# The deployment's own environment: the one in which this process itself runs.
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Environment:
    """An interpreter and its packages.

    Attributes:
        name: its file's name in `environments/`, as `sklearn-1.5`; `default` is the deployment's.
        python: the path of its interpreter.
        python_version: as `3.12.1`.
        packages: the version of each distribution by its normalized name, as `scikit-learn`.
    """

    name: str
    python: Path
    python_version: str
    packages: dict[str, str]

    def version(self, distribution: str) -> str | None:
        """Return the version of a distribution that it holds, or None."""
        return self.packages.get(normalized(distribution))


def normalized(distribution: str) -> str:
    """Return a distribution's name as PyPI compares names (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()
