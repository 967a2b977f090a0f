"""Which versions an upload wants: scikit-learn's own, and those that other libraries load."""

from dataclasses import dataclass

from environments.environment import Environment
from preparation.choice import holdings
from preparation.stated.stated import (
    CATBOOST,
    LIGHTGBM,
    SCIKIT_LEARN,
    XGBOOST,
    Stated,
    is_version,
    minor,
)

# Names for people, and the import names.
NAMES = {
    SCIKIT_LEARN: "scikit-learn",
    XGBOOST: "XGBoost",
    LIGHTGBM: "LightGBM",
    CATBOOST: "CatBoost",
}
MODULES = {SCIKIT_LEARN: "sklearn"}
# Libraries that promise to load what their older releases saved.
PROMISING = (XGBOOST, LIGHTGBM, CATBOOST)


@dataclass(frozen=True, slots=True)
class Wish:
    """A library's version that the upload was saved with.

    Attributes:
        stated_in: the file beside the model that says so; empty where the model itself does.
    """

    distribution: str
    version: str
    stated_in: str = ""

    @property
    def text(self) -> str:
        """The library and its version, for people."""
        told = f" ({self.stated_in})" if self.stated_in else ""
        return f"{NAMES[self.distribution]} {self.version}{told}"

    def is_met(self, environment: Environment) -> bool:
        """Whether an environment's version loads what this one saved."""
        there = holdings.version(environment, self.distribution)
        if there is None or not is_version(there):
            return False
        if self.distribution in PROMISING:
            return minor(there) >= minor(self.version)
        return minor(there) == minor(self.version)

    def is_same(self, environment: Environment) -> bool:
        """Whether an environment has this version, but for the patch release."""
        there = holdings.version(environment, self.distribution)
        return there is not None and minor(there) == minor(self.version)


def wishes(stated: Stated) -> list[Wish]:
    """Return one wish for each library whose version is known; several count as the newest."""
    found = []
    for name in NAMES:
        own = stated.versions.get(name, ())
        if own:
            found.append(Wish(name, max(own, key=_order)))
        elif name in stated.beside and MODULES.get(name, name) in stated.modules:
            found.append(Wish(name, stated.beside[name], stated.beside_in))
    return found


def differing(stated: Stated) -> list[str]:
    """Return scikit-learn's versions in one file, where they are of several minor releases."""
    own = stated.versions.get(SCIKIT_LEARN, ())
    return sorted(own, key=_order) if len({minor(each) for each in own}) > 1 else []


def _order(version: str) -> tuple[tuple[int, int], str]:
    return minor(version), version
