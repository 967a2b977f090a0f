"""Checks a model that is loaded from a pickle or a skops file, with everything inside it."""

from collections.abc import Callable
from typing import Any

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.soundness import (
    boosters,
    damage,
    object_parts,
    side_effects,
    sklearn_parts,
    tables,
)

UNREADABLE = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


def check(root: object, *, is_own_code: bool = False) -> None:
    """Check every part of a model.

    Args:
        is_own_code: whether it may hold any functions.

    Raises:
        ModelRejected: a part is damaged, or would read or write when it predicts.
    """
    found = []
    try:
        for where, part in object_parts.parts(root):
            found.append((where, part, object_parts.classes(part)))
            if not is_own_code:
                side_effects.check(part, where)
    except object_parts.TooManyParts as error:
        most = f"{object_parts.MOST_PARTS:,}"
        raise ModelRejected(
            "NOT_A_MODEL", f"It holds more than {most} objects. Save what predicts alone."
        ) from error
    every = (sklearn_parts.BY_CLASS, boosters.BY_CLASS, tables.BY_CLASS, sklearn_parts.AFTERWARDS)
    for checks in every:
        for where, part, names in found:
            for name in names:
                if name in checks:
                    _run(checks[name], part, where)
    for where, part, names in found:
        if "sklearn.base.BaseEstimator" in names:
            _parameters(part, where)


def _run(check_part: Callable[[Any, str], None], part: object, where: str) -> None:
    try:
        check_part(part, where)
    except UNREADABLE as error:
        what = f"can't be read ({type(error).__name__}: {error})"
        raise damage.damaged(where, what) from error


def _parameters(part: Any, where: str) -> None:
    """Check settings as a fit does: native code takes them without another look."""
    try:
        part._validate_params()
    except ValueError as error:
        raise ModelRejected(
            "BAD_PARAMETER",
            f"The part {where} of the model has a parameter that can't be: {error} Set it "
            "(set_params), fit the model, and save it again.",
        ) from error
    except (AttributeError, TypeError):  # of another library, or without rules
        return
