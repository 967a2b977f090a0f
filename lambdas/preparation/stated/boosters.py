"""The versions that XGBoost and CatBoost write into their own bytes.

LightGBM writes that of its format alone, which every release since 2.0 reads. What its pickles
call the trees tells releases before 4 from later ones.
"""

import re
from typing import Any

from preparation.stated.stated import CATBOOST, LIGHTGBM, XGBOOST

# XGBoost's in UBJSON and in JSON; CatBoost's by the tag that it was built from.
XGBOOST_FORMS = (
    re.compile(rb"\x07version\[#L\0{7}\x03i(.)i(.)i(.)", re.DOTALL),
    re.compile(rb'"version":\s*\[(\d{1,5}),\s*(\d{1,5}),\s*(\d{1,5})\]'),
)
LIGHTGBM_BOOSTER = "lightgbm.basic.Booster"
CATBOOST_FORM = re.compile(rb"Branch: tags/v(\d{1,5}\.\d{1,5}(?:\.\d{1,5})?)\n")


def versions(data: bytes | bytearray) -> dict[str, str]:
    """Return the versions in a piece of a file, by distribution."""
    found: dict[str, str] = {}
    for form in XGBOOST_FORMS:
        if hit := form.search(data):
            found[XGBOOST] = ".".join(_number(part) for part in hit.groups())
    if hit := CATBOOST_FORM.search(data):
        found[CATBOOST] = hit[1].decode("ascii")
    return found


def by_attributes(made_of: str, attributes: dict[Any, Any]) -> dict[str, str]:
    """Return what the names of an object's attributes tell, by distribution."""
    is_older = made_of == LIGHTGBM_BOOSTER and "handle" in attributes
    return {LIGHTGBM: "3.x"} if is_older else {}


def _number(part: bytes) -> str:
    return part.decode("ascii") if part.isdigit() else str(part[0])
