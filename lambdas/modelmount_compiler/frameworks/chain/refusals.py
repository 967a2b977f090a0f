"""Refusals of pieces that don't say how they belong together, with the statement to write."""

import json
from collections.abc import Sequence
from typing import Any

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.chain import objects, widths
from modelmount_compiler.frameworks.chain.objects import Found

CODE = "AMBIGUOUS_PIECES"
SHOWN = 12


def ambiguous(why: str, found: Sequence[Found], **proposed: Any) -> ModelRejected:
    """Return the refusal of pieces.

    Args:
        why: what isn't clear, for people.
        proposed: the fields of `model.json` to write, as far as they can be guessed.
    """
    statement = {name: value for name, value in proposed.items() if value is not None}
    statement = statement or {"chain": _guess(found)}
    told = "; ".join(f"{each.name} is {described(each.value)}" for each in found[:SHOWN])
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return ModelRejected(
        CODE,
        f"The upload holds several objects, and {why}. Found: {told}{more}. Say how they belong "
        f"together: write for example {json.dumps(statement, default=str)[:1000]} into model.json "
        "(among its other fields, or as the file model.json in the archive), and upload it again.",
    )


def described(value: Any) -> str:
    """Return what an object is, for people."""
    name = type(value).__name__
    if objects.is_of_columns(value):
        return f"a LabelEncoder for each of {', '.join(list(value)[:SHOWN])}"
    if name == "LabelEncoder":
        return f"a LabelEncoder of {len(value.classes_)} labels"
    if not (objects.is_model(value) or objects.is_step(value)):
        return f"a {name}"
    taken = widths.taken(value)
    takes = f"takes {taken} columns" if taken is not None else f"takes {widths.kind_taken(value)}"
    given = widths.given(value) if objects.is_step(value) else None
    return f"a {name} that {takes}" + (f" and gives {given}" if given is not None else "")


def _guess(found: Sequence[Found]) -> list[str]:
    steps = [each.name for each in found if objects.is_step(each.value)]
    models = [each.name for each in found if objects.is_model(each.value)]
    return [*(name for name in steps if name not in models), *models[:1]]
