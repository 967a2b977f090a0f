"""The setting `key_layouts`: which folders of an object's key name the model and the version.

A layout is text such as `models/{model}/{version}/`. Each of its folders is a name, `*` for any
one, or a placeholder. The file follows.
"""

import itertools
import re
from collections.abc import Sequence

from stacks.settings.errors import SettingsError
from stacks.settings.rules import Rule

MODEL, VERSION, ANY = "{model}", "{version}", "*"
ALLOWED = (
    "folders as `models/{model}/{version}/`: each a name, `*`, `{model}` (once, needed) or "
    "`{version}` (once at most), with no comma; up to 16"
)
MOST_FOLDERS = 16
# A name as in a key, without the signs that stand for something else here.
_NAME = re.compile(r"[^./,{}*\x00-\x1f\x7f][^/,{}*\x00-\x1f\x7f]{0,127}")
# What may follow the folders, as people write it.
_FILE = re.compile(r"(/|/\.\.\.|/…)?$")


def _parse(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(ALLOWED)
    folders = _FILE.sub("", value, count=1).split("/")
    if folders.count(MODEL) != 1 or folders.count(VERSION) > 1 or len(folders) > MOST_FOLDERS:
        raise ValueError(ALLOWED)
    if not all(folder in (MODEL, VERSION, ANY) or _NAME.fullmatch(folder) for folder in folders):
        raise ValueError(ALLOWED)
    return "/".join(folders) + "/"


KEY_LAYOUT = Rule(ALLOWED, _parse)


def check_key_layouts(layouts: Sequence[str]) -> None:
    """Checks that no key can be read in two ways.

    Raises:
        SettingsError: with two layouts, and a key that both would read.
    """
    for one, other in itertools.combinations(layouts, 2):
        shorter, longer = sorted((_folders(one), _folders(other)), key=len)
        # Without a version the file lies right in the last folder, so a deeper key isn't meant.
        reaches = len(shorter) == len(longer) or VERSION in shorter
        if reaches and all(map(_can_be_same, shorter, longer)):
            names = [a if a not in (MODEL, VERSION, ANY) else b for a, b in _pairs(shorter, longer)]
            key = "/".join(re.sub(r"[{}*]+", "", name) or "x" for name in (*names, "FILE"))
            raise SettingsError(
                f"key_layouts has {one!r} and {other!r}; both would read the key {key!r}. "
                "Give them different names in one folder."
            )


def _folders(layout: str) -> list[str]:
    return layout.rstrip("/").split("/")


def _can_be_same(one: str, other: str) -> bool:
    return one == other or bool({one, other} & {MODEL, VERSION, ANY})


def _pairs(shorter: list[str], longer: list[str]) -> list[tuple[str, str]]:
    return list(itertools.zip_longest(shorter, longer, fillvalue=ANY))
