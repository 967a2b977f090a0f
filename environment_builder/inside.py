"""Runs in an environment's own Python.

python inside.py           writes {"python_version": …, "packages": {NAME: VERSION}} to its output
python inside.py import    imports all that it holds
"""

import contextlib
import importlib
import importlib.metadata
import io
import json
import platform
import re
import sys
from collections.abc import Iterator

# Folders beside packages that some of them bring by mistake.
NO_PACKAGES = {"test", "tests", "docs", "examples", "benchmarks"}


def modules() -> Iterator[str]:
    """Return the names that are imported from the packages installed here."""
    for name in sorted(importlib.metadata.packages_distributions()):
        if name.isidentifier() and not name.startswith("_") and name not in NO_PACKAGES:
            yield name


def import_all() -> None:
    """Import every package; exit with the first that fails."""
    for name in modules():
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                importlib.import_module(name)
        except Exception as error:
            sys.exit(f"{name} can't be imported: {type(error).__name__}: {error}")


def say() -> None:
    """Write what is installed; nothing of it is run."""
    packages = {
        re.sub(r"[-_.]+", "-", found.name).lower(): found.version
        for found in importlib.metadata.distributions()
    }
    print(json.dumps({"python_version": platform.python_version(), "packages": packages}))


if __name__ == "__main__":
    import_all() if "import" in sys.argv else say()
