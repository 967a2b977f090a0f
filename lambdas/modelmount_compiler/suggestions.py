"""Suggests the name that a caller may have meant."""

from collections.abc import Iterable
from itertools import islice

LONGEST = 64
MOST_NAMES = 2000
MOST_COMPARED = 100  # letter by letter, which takes long
MOST_MISTAKES = 4


def suggestion(name: object, known: Iterable[str]) -> str:
    """Return ` Did you mean 'x'?` for a name that isn't known, or nothing.

    A mistake is a letter too many, too few, another one, or two in the wrong order. A quarter of
    the letters may be wrong. Long names get no suggestion, and so many are compared at most: the
    time is bounded.
    """
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST:
        return ""
    asked = name.casefold()
    most = min((len(asked) + 3) // 4, MOST_MISTAKES, len(asked) - 1)
    similar = [each for each in islice(known, MOST_NAMES) if _may_be(asked, each.casefold(), most)]
    compared = similar[:MOST_COMPARED]
    counted = ((_mistakes(asked, each.casefold(), most), each) for each in compared)
    fewest, found = min(counted, default=(most + 1, ""), key=lambda pair: pair[0])
    return f" Did you mean {found!r}?" if fewest <= most else ""


def _may_be(asked: str, other: str, most: int) -> bool:
    """Whether two names have so many letters in common that few mistakes can lie between them."""
    if abs(len(asked) - len(other)) > most or len(other) > LONGEST:
        return False
    return len(set(asked) ^ set(other)) <= 2 * most


def _mistakes(asked: str, other: str, most: int) -> int:
    """Count the mistakes between two names (optimal string alignment), up to one too many."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(asked, 1):
        before, last, row = row, before, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if last and j > 1 and letter == other[j - 2] and asked[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
