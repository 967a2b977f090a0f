"""Writes the policy data of the installed libraries.

python -m policies.derive        writes modelmount_compiler/frameworks/loading_policy/data/
python -m policies.derive FOLDER writes there instead

It needs the libraries alone, so it runs in an environment of any of their versions. Where
third-party libraries are installed, `python -m policies.derive --third-party` writes theirs alone.
"""

import json
import sys
import warnings
from importlib import metadata
from pathlib import Path
from typing import Any

from modelmount_compiler.frameworks.third_party import DISTRIBUTIONS
from policies import classes, functions, observed, third_party

DATA = Path(__file__).parents[1] / "lambdas/modelmount_compiler/frameworks/loading_policy/data"
OTHERS = ("xgboost", "lightgbm", "catboost")


def derived() -> dict[str, dict[str, Any]]:
    """Return the data of each installed library, by the name of its file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seen = observed.main()
        found = {
            _name("scikit-learn"): {
                "classes": classes.scikit_learn(seen),
                "functions": functions.scikit_learn(),
            }
        }
        for library in OTHERS:
            if described := classes.boosting(library):
                found[_name(library)] = {"classes": described, "functions": []}
    return found


def of_third_parties() -> dict[str, dict[str, Any]]:
    """Return the data of each third-party library that is installed, by the name of its file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            _name(distribution): {"classes": described, "functions": []}
            for package, distribution in DISTRIBUTIONS.items()
            if (described := third_party.classes_of(package))
        }


def _name(library: str) -> str:
    for distribution in (library, f"{library}-cpu"):
        try:
            version = metadata.version(distribution)
        except metadata.PackageNotFoundError:
            continue
        return f"{library}-{'.'.join(version.split('.')[:2])}.json"
    return ""


def text(data: dict[str, Any]) -> str:
    """Return data as JSON with a line for each class."""
    lines = [f"  {json.dumps(name)}: {json.dumps(rule)}" for name, rule in data["classes"].items()]
    named = ",\n".join(f"  {json.dumps(name)}" for name in data["functions"])
    return '{"classes": {\n' + ",\n".join(lines) + '\n},\n"functions": [\n' + named + "\n]}\n"


def main(folder: Path, *, third_party_alone: bool = False) -> None:
    """Write the files."""
    found = of_third_parties() if third_party_alone else derived()
    for name, data in found.items():
        (folder / name).write_text(text(data))
        print(name, len(data["classes"]), "classes,", len(data["functions"]), "functions")


if __name__ == "__main__":
    given = [each for each in sys.argv[1:] if not each.startswith("--")]
    main(Path(given[0]) if given else DATA, third_party_alone="--third-party" in sys.argv)
