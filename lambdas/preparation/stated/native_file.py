"""What a library's own file states: XGBoost and CatBoost write their versions into theirs."""

from pathlib import Path

from preparation.stated import sought
from preparation.stated.stated import CATBOOST, XGBOOST, Stated

STATED_BY = {"xgboost": XGBOOST, "catboost": CATBOOST}


def of(path: Path, fmt: str) -> Stated:
    """Return what the bytes of a file say of the library whose format it is."""
    name = STATED_BY.get(fmt)
    found = sought.versions(path) if name is not None else {}
    return Stated({of: versions for of, versions in found.items() if of == name})
