"""Compares what a page shows with what was answered."""

import json
import re
from decimal import Decimal
from typing import Any

# What differs from run to run: only its type is compared.
VARIES = {"id", "model_version", "ms", "request_id", "time", "upload", "url", "version"}


class Differs(AssertionError):
    """The answer isn't what the page shows; the text says where."""


def compare_text(shown: str, printed: str) -> None:
    """Compare texts. In what is shown, `…` stands for anything within a line.

    Raises:
        Differs: they aren't the same.
    """
    pattern = "\n".join(_pattern(line.rstrip()) for line in shown.strip().splitlines())
    lines = "\n".join(line.rstrip() for line in printed.strip().splitlines())
    if not re.fullmatch(pattern, lines):
        raise Differs(f"The page shows\n{shown.strip()}\nbut it printed\n{lines}")


def compare_json(shown: str, printed: str) -> None:
    """Compare the JSON that is shown with the JSON that was printed.

    A number with a fraction may have more digits than are shown. `…` in a string stands for
    anything, and an item "…" for all further items.

    Raises:
        Differs: they aren't the same.
    """
    try:
        answer = json.loads(printed)
    except ValueError:
        raise Differs(f"The page shows JSON, but it printed\n{printed}") from None
    _compare(json.loads(shown, parse_float=Decimal), answer, "$")


def _compare(shown: Any, answer: Any, where: str) -> None:
    if isinstance(shown, dict) and isinstance(answer, dict):
        _compare_keys(shown, answer, where)
    elif isinstance(shown, list) and isinstance(answer, list):
        _compare_items(shown, answer, where)
    elif isinstance(shown, str) and isinstance(answer, str):
        if not re.fullmatch(_pattern(shown), answer, re.DOTALL):
            raise Differs(f"{where}: the page shows {shown!r}, but it is {answer!r}")
    elif not _is_equal(shown, answer):
        raise Differs(f"{where}: the page shows {shown}, but it is {answer}")


def _compare_keys(shown: dict[str, Any], answer: dict[str, Any], where: str) -> None:
    if "…" not in shown and (odd := shown.keys() ^ answer.keys()):
        raise Differs(f"{where}: only one of page and answer has {sorted(odd)}: {answer}")
    for key in shown.keys() - {"…"}:
        if key not in answer:
            raise Differs(f"{where}: the answer has no {key!r}: {answer}")
        if key not in VARIES:
            _compare(shown[key], answer[key], f"{where}.{key}")
        elif _kind(shown[key]) is not _kind(answer[key]):
            raise Differs(f"{where}.{key}: the page shows {shown[key]}, but it is {answer[key]}")


def _compare_items(shown: list[Any], answer: list[Any], where: str) -> None:
    if shown[-1:] == ["…"]:
        shown = shown[:-1]
        answer = answer[: len(shown)]
    if len(shown) != len(answer):
        raise Differs(f"{where}: the page shows {len(shown)} items, but it is {answer}")
    for number, (one, other) in enumerate(zip(shown, answer, strict=True)):
        _compare(one, other, f"{where}[{number}]")


def _is_equal(shown: Any, answer: Any) -> bool:
    if isinstance(shown, Decimal) and isinstance(answer, float):
        return round(Decimal(str(answer)), -int(shown.as_tuple().exponent)) == shown
    return type(shown) is type(answer) and bool(shown == answer)


def _kind(value: Any) -> type:
    return float if isinstance(value, int | float | Decimal) else type(value)


def _pattern(shown: str) -> str:
    return ".*".join(re.escape(part) for part in shown.split("…"))
