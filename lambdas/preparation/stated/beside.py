"""What files beside a model say of versions: MLflow's `MLmodel`, and a `requirements.txt`."""

import re
from collections.abc import Iterator
from pathlib import Path

from preparation.stated.stated import SCIKIT_LEARN, is_version

MAX_BYTES = 256 * 1024
MOST_LINES = 500
# A pinned line, as `scikit-learn==1.5.2 ; python_version > "3.8"`; ranges pin nothing.
PINNED = re.compile(
    r"\s*([A-Za-z0-9][A-Za-z0-9._-]{0,79})(?:\[[^\]]*\])?\s*={2,3}\s*([0-9][0-9A-Za-z.+_-]{0,30})"
)
# A flavor's own field, as `      sklearn_version: 1.5.2`, with or without quotes.
FLAVOR = re.compile(
    r"\s{2,}(sklearn|xgb|lgb|catboost)_version:\s*['\"]?([0-9][0-9A-Za-z.+_-]{0,30})['\"]?\s*"
)
FLAVORS = {
    "sklearn": SCIKIT_LEARN,
    "xgb": "xgboost",
    "lgb": "lightgbm",
    "catboost": "catboost",
}
FOLDERS = ("", "code")
# Names that PyPI has had for the same library.
SAME = {"sklearn": SCIKIT_LEARN, "xgboost-cpu": "xgboost"}


def read(path: Path, root: Path) -> tuple[dict[str, str], str]:
    """Return the versions by distribution, and the names of the files that give them.

    Args:
        path: the model's file.
        root: the folder of its version, above which nothing is read.
    """
    found: dict[str, str] = {}
    names: list[str] = []
    for name, form in (("MLmodel", FLAVOR), ("requirements.txt", PINNED)):
        for file in _places(path, root, name):
            given = dict(_given(file, form))
            if given.keys() - found.keys():
                names.append(name)
            found = given | found
    return found, " and ".join(dict.fromkeys(names))


def _places(path: Path, root: Path, name: str) -> Iterator[Path]:
    """Yield where such a file may lie: in the model's folder or one above, or in its `code/`."""
    for folder in path.parents:
        if folder != root and root not in folder.parents:
            return
        yield from (folder / inner / name for inner in FOLDERS)


def _given(file: Path, form: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return
    for line in text.splitlines()[:MOST_LINES]:
        if (hit := form.match(line)) and is_version(hit[2]):
            name = re.sub(r"[-_.]+", "-", hit[1]).lower()
            yield FLAVORS[name] if form is FLAVOR else SAME.get(name, name), hit[2]
