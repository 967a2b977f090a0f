"""Asks fickling, modelscan and picklescan about each pickle of a folder; runs where they are.

python verdicts.py FOLDER        prints {file: {scanner: whether it refuses}}
"""

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def fickling(path: Path) -> bool:
    """Whether fickling finds it worse than likely safe."""
    from fickling import analysis, fickle  # noqa: PLC0415 (not installed where ours runs)

    with path.open("rb") as file:
        result = analysis.check_safety(fickle.Pickled.load(file))
    return bool(result.severity > analysis.Severity.LIKELY_SAFE)


def modelscan(path: Path) -> bool:
    """Whether modelscan finds an issue, or can't read it."""
    from modelscan.modelscan import ModelScan  # noqa: PLC0415 (as above)

    found: dict[str, Any] = ModelScan().scan(path)
    return bool(found["issues"] or found["errors"])


def picklescan(path: Path) -> bool:
    """Whether picklescan finds a dangerous name, or can't read it."""
    from picklescan import scanner  # noqa: PLC0415 (as above)

    found = scanner.scan_file_path(str(path))
    return bool(found.issues_count or found.scan_err)


SCANNERS: dict[str, Callable[[Path], bool]] = {
    "fickling": fickling,
    "modelscan": modelscan,
    "picklescan": picklescan,
}


def _refuses(scanner: Callable[[Path], bool], path: Path) -> bool:
    try:
        return scanner(path)
    except Exception:  # what can't be judged isn't let through
        return True


def main(folder: Path) -> None:
    """Print the verdicts."""
    logging.disable(logging.CRITICAL)
    found = {
        path.name: {name: _refuses(scanner, path) for name, scanner in SCANNERS.items()}
        for path in sorted(folder.iterdir())
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
