"""Suggests the name that a caller may have meant."""

from collections.abc import Iterable

LONGEST = 128
MOST_NAMES = 1000
SIMILAR = 0.6


def suggestion(name: object, known: Iterable[str]) -> str:
    """Return ` Did you mean 'x'?` for a name that isn't known, or nothing.

    Long names get no suggestion, and no more than `MOST_NAMES` are compared: the time is bounded.
    """
    import difflib  # noqa: PLC0415 (only who misspells needs it)

    if not isinstance(name, str) or not 0 < len(name) <= LONGEST:
        return ""
    by_form: dict[str, str] = {}
    for each, _ in zip(known, range(MOST_NAMES), strict=False):
        if len(each) <= LONGEST:
            by_form.setdefault(each.casefold(), each)
    found = difflib.get_close_matches(name.casefold(), by_form, n=1, cutoff=SIMILAR)
    return f" Did you mean {by_form[found[0]]!r}?" if found else ""
