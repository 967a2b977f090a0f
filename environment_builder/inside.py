"""Runs in an environment's own Python: imports all that it holds, and says what that is.

python inside.py    writes {"python_version": …, "packages": {NAME: VERSION}} to its output
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


def main() -> None:
    """Run the script."""
    for name in modules():
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                importlib.import_module(name)
        except Exception as error:
            sys.exit(f"{name} can't be imported: {type(error).__name__}: {error}")
    packages = {
        re.sub(r"[-_.]+", "-", found.name).lower(): found.version
        for found in importlib.metadata.distributions()
    }
    print(json.dumps({"python_version": platform.python_version(), "packages": packages}))


if __name__ == "__main__":
    main()
