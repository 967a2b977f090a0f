"""What an upload says: versions of libraries, and the modules that it needs."""

import re
from dataclasses import dataclass, field

# A version is shown to people, and compared by its first two numbers; `3.x` is any before 4.
VERSION = re.compile(r"(\d{1,5})\.(\d{1,5}|x)[0-9A-Za-z.+_-]{0,30}")
MODULE = re.compile(r"[A-Za-z_]\w{0,79}", re.ASCII)
MOST_VERSIONS = 10
MOST_MODULES = 200
MOST_NAMES = 20
SCIKIT_LEARN, XGBOOST, LIGHTGBM, CATBOOST = "scikit-learn", "xgboost", "lightgbm", "catboost"


@dataclass(frozen=True, slots=True)
class Stated:
    """What an upload says.

    Attributes:
        versions: of a distribution, those that the model's file holds, each once.
        helper_versions: those of scikit-learn that only a boosting library's own helper states:
            the encoder of its labels.
        beside: of a distribution, the version that a file beside the model gives.
        beside_in: the name of that file.
        modules: the packages that the file names, by their import names.
        untrusted: names that no model of the version needs, as the scan has them.
    """

    versions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    helper_versions: tuple[str, ...] = ()
    beside: dict[str, str] = field(default_factory=dict)
    beside_in: str = ""
    modules: tuple[str, ...] = ()
    untrusted: tuple[str, ...] = ()


def is_version(found: object) -> bool:
    """Whether a value is a version that can be compared."""
    return isinstance(found, str) and bool(VERSION.fullmatch(found))


def minor(version: str) -> tuple[int, int]:
    """Return the first two numbers of a version: a patch release loads what others saved."""
    found = VERSION.match(version)
    if found is None:
        return 0, 0
    return int(found[1]), 0 if found[2] == "x" else int(found[2])
