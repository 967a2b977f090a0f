"""An environment's definition: a locked requirements file that names its Pythons.

    # python: 3.12 3.11
    numpy==1.26.4 \\
        --hash=sha256:2a02aba9ed12e4ac4eb3ea9421c420301a0c6460d9830d74a9df87efa4912010

The first of the Pythons that a machine has is taken. `make lock` writes such a file.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from environment_builder.errors import DefinitionError

FOLDER = Path(__file__).resolve().parents[1] / "environments"
NAME = r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?"
# The name of what is installed in the image itself.
RESERVED = "default"
OLDEST_PYTHON = (3, 11)

_PYTHONS = re.compile(r"^#\s*python:(.*)$", re.MULTILINE | re.IGNORECASE)
_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;]+)")


@dataclass(frozen=True, slots=True)
class Definition:
    """What an environment is made of.

    Attributes:
        pythons: minor versions such as `3.12`, in the order in which they are looked for.
        pins: lines such as `numpy==1.26.4`.
    """

    name: str
    path: Path
    pythons: tuple[str, ...]
    pins: tuple[str, ...]


def names(folder: Path = FOLDER) -> tuple[str, ...]:
    """Return the names of all environments that a folder defines."""
    return tuple(sorted(path.stem for path in folder.glob("*.txt")))


def read(name: str, folder: Path = FOLDER) -> Definition:
    """Read a definition.

    Raises:
        DefinitionError: there is none of that name, or it isn't locked.
    """
    path = folder / f"{name}.txt"
    if not re.fullmatch(NAME, name) or name == RESERVED or not path.is_file():
        there = ", ".join(names(folder)) or "none"
        raise DefinitionError(
            f"there is no environment {name!r}. There are: {there}. "
            f"Another one is a file environments/NAME.txt; docs/environments.md says how."
        )
    text = path.read_text("utf-8")
    return Definition(name, path, _pythons(text, path.name), tuple(_pins(text, path.name)))


def _pythons(text: str, file: str) -> tuple[str, ...]:
    header = _PYTHONS.search(text)
    found = tuple(header[1].replace(",", " ").split()) if header else ()
    if not found or not all(re.fullmatch(r"3\.\d{1,2}", version) for version in found):
        raise DefinitionError(
            f"environments/{file} doesn't say for which Python it is: "
            "its first line should be as '# python: 3.12 3.11'."
        )
    for version in found:
        if tuple(map(int, version.split("."))) < OLDEST_PYTHON:
            raise DefinitionError(
                f"environments/{file} asks for Python {version}; "
                "the code that loads models needs 3.11 or newer."
            )
    return found


def _pins(text: str, file: str) -> Iterable[str]:
    lines = [line.partition(" #")[0].strip() for line in text.replace("\\\n", " ").splitlines()]
    wanted = [line for line in lines if line and not line.startswith("#")]
    if not wanted:
        raise DefinitionError(f"environments/{file} names no package.")
    for line in wanted:
        pin = _PIN.match(line)
        if pin is None or "--hash=sha256:" not in line:
            what = "has no hash" if pin else "isn't a package with its version, as numpy==2.3.5"
            raise DefinitionError(
                f"environments/{file}: {line.split(' --hash')[0]!r} {what}. "
                f"Name packages in environments/{Path(file).stem}.in, and let `make lock` pin them."
            )
        yield f"{pin[1]}=={pin[2]}"
