"""Patterns of words whose search takes a time that grows with the text's length alone.

Python's `re` tries again from each character, and within each try from each way to repeat. Some
patterns then take hours for a text of a megabyte, and nothing else runs in the process meanwhile.
A compiled program is asked in the process of all models, so it takes these patterns alone:

- an alternative is a run of single characters and classes, each once or a small number of times,
  of which groups may capture a part;
- the last one may repeat without an end, and a boundary may stand at either side;
- where a boundary follows the repetition, one begins the alternative as well, or the last class is
  `\\w`, which a boundary always follows.

A try then fails at once, or succeeds, or its characters are tried once more in all.
"""

import re

LONGEST = 100  # characters of a pattern; those of people have 30
MOST_TRIED = 50  # characters of a text that are looked at before a try fails
FLAGS = r"(?:\(\?[ui]{1,2}\))?"
CHARACTER = r"(?:\[\^?\]?(?:\\.|[^\]\\])+\]|\\[wWdDsS]|\\[^\w\s]|[^\\\[\](){}|?*+.^$]|\.)"
FIXED = rf"(?:{CHARACTER}(?:\{{\d{{1,2}}\}})?)*"
ENDLESS = r"(?:\+|\*|\{\d{1,2},(?:\d{1,2})?\})"
ALTERNATIVE = re.compile(
    rf"(?P<begins>\\b)?{FIXED}(?:(?P<last>{CHARACTER}){ENDLESS})?(?P<ends>\\b)?", re.ASCII
)
COUNTED = re.compile(rf"{CHARACTER}(?:\{{(\d{{1,2}})[^}}]*\}})?", re.ASCII)
GROUP = re.compile(rf"\((?:\?:)?((?:{CHARACTER}(?:{ENDLESS}|\{{\d{{1,2}}\}})?)*)\)(?![+*?{{])")
SEPARATOR = re.compile(rf"({CHARACTER})|\|")


def is_linear(pattern: str) -> bool:
    """Whether `findall` with a pattern takes linear time; False where it isn't known."""
    if len(pattern) > LONGEST:
        return False
    flags = re.match(FLAGS, pattern)
    pattern = GROUP.sub(r"\1", pattern[flags.end() if flags else 0 :])
    alternatives = _alternatives(pattern)
    tried = sum(int(count or 1) for count in COUNTED.findall(pattern))
    return tried <= MOST_TRIED and all(map(_is_linear, alternatives))


def _is_linear(alternative: str) -> bool:
    found = ALTERNATIVE.fullmatch(alternative)
    if found is None:
        return False
    return not (found["last"] and found["ends"]) or bool(found["begins"]) or found["last"] == r"\w"


def _alternatives(pattern: str) -> list[str]:
    """Split at bars that stand in no class and are no escaped character."""
    found, start = [], 0
    for place in SEPARATOR.finditer(pattern):
        if place[1] is None:
            found.append(pattern[start : place.start()])
            start = place.end()
    return [*found, pattern[start:]]
