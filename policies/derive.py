"""Writes the policy data of the installed libraries.

PYTHONPATH=.:lambdas python -m policies.derive        writes the data of the loading policy
PYTHONPATH=.:lambdas python -m policies.derive FOLDER writes there instead

It needs the libraries alone, so it runs in an environment of any of their versions. Where
third-party libraries are installed, `python -m policies.derive --third-party` writes theirs alone.
"""

import json
import sys
import warnings
from importlib import metadata
from pathlib import Path
from typing import Any

from modelmount_compiler.frameworks.loading_policy.policy import merged
from modelmount_compiler.frameworks.sklearn import releases
from modelmount_compiler.frameworks.third_party import DISTRIBUTIONS
from policies import classes, functions, observed, third_party

DATA = Path(__file__).parents[1] / "lambdas/modelmount_compiler/frameworks/loading_policy/data"
DECLARED, LATER = (1, 3), "scikit-learn-1.3.json"
OTHERS = ("xgboost", "lightgbm", "catboost")


def derived() -> dict[str, dict[str, Any]]:
    """Return the data of each installed library, by the name of its file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seen = observed.main()
        rules = classes.scikit_learn(seen)
        if releases.RELEASE < DECLARED:
            rules = with_later_kinds(rules, json.loads((DATA / LATER).read_text())["classes"])
        found = {
            _name("scikit-learn"): {
                "classes": rules,
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


def with_later_kinds(found: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """Return rules whose attributes may hold what a later release says that they may.

    scikit-learn declares the kinds of parameters since 1.2, and those of all classes since 1.3.
    """
    return {
        name: merged(rule, _shared(later[name], rule)) if name in later else rule
        for name, rule in found.items()
    }


def _shared(later: dict[str, Any], rule: dict[str, Any]) -> dict[str, Any]:
    """Return a rule without the attributes that the other one hasn't got."""
    if "compiled" in rule or "compiled" in later:
        return rule
    own = {name for kind, names in rule.items() if kind != "*" for name in names.split()}
    shared = {
        kind: " ".join(name for name in names.split() if name in own)
        for kind, names in later.items()
        if kind != "*"
    }
    return {kind: names for kind, names in shared.items() if names}


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
