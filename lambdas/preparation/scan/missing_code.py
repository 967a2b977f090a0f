"""Names that a pickle needs and nothing here defines, and the file that would hold them."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from modelmount_compiler.frameworks.loading_policy.advice import OWN, is_installed
from modelmount_compiler.frameworks.loading_policy.record import Record
from own_code.definitions import Definitions
from preparation.scan.bounded_file import BoundedFile
from preparation.scan.inert_joblib import InertJoblibUnpickler

# Names by which a pickle reaches out of its process, whoever wrote it; own code has no need to.
REACHING = frozenset(
    (
        *(
            "os",
            "posix",
            "nt",
            "subprocess",
            "_posixsubprocess",
            "pty",
            "socket",
            "_socket",
            "ctypes",
        ),
        *("_ctypes", "runpy", "shutil", "webbrowser", "pdb", "bdb", "multiprocessing", "signal"),
        *("asyncio", "http", "urllib", "ftplib", "smtplib", "telnetlib", "timeit", "code", "sys"),
    )
)
CALLS = frozenset(
    f"builtins.{name}" for name in ("eval", "exec", "compile", "open", "__import__", "breakpoint")
)
MODULE = "model_code"
MOST_NAMES = 30
MOST_ATTRIBUTES = 12


@dataclass(frozen=True, slots=True)
class Missing:
    """A class or function that isn't there.

    Attributes:
        module: as the pickle has it.
        attributes: names of what is saved of its objects, for a class; None for a function.
    """

    module: str
    name: str
    attributes: tuple[str, ...] | None

    @property
    def file(self) -> str:
        """The file of `code/` that would hold it."""
        return f"code/{MODULE if self.module in OWN else self.module.replace('.', '/')}.py"


def may_be_own(names: Iterable[str]) -> bool:
    """Whether names that no model needs can be those of own code."""
    return not any(name in CALLS or name.partition(".")[0] in REACHING for name in names)


def of_file(path: Path, most_bytes: int, definitions: Definitions) -> list[Missing]:
    """Return what a pickle needs that neither the code beside it nor a library has."""
    from joblib.numpy_pickle_utils import (  # noqa: PLC0415 (only a refusal needs it)
        _validate_fileobject_and_memmap as unpacked,
    )

    record = Record()
    try:
        with path.open("rb") as packed, unpacked(packed, str(path)) as (plain, _):
            InertJoblibUnpickler(BoundedFile(plain, most_bytes), record).load()
    except Exception:  # noqa: S110 (what was read until then counts)
        pass
    return missing(record, definitions)


def missing(record: Record, definitions: Definitions) -> list[Missing]:
    """Return likewise what a pickle's record has."""
    states: dict[str, tuple[str, ...]] = {}
    for made in (*record.made, *record.foreign):
        state = made.state if made.has_state and type(made.state) is dict else {}
        names = tuple(str(name) for name in state if not str(name).startswith("_"))
        states[made.made_of] = states.get(made.made_of) or names[:MOST_ATTRIBUTES]
    found = []
    for each in record.named:
        root = each.module.partition(".")[0]
        if each.module in OWN:
            is_there = bool(definitions.of(each.name.partition(".")[0]))
        else:
            is_there = root in definitions.roots or root in sys.modules or is_installed(root)
        if not is_there and each.name.isidentifier():
            found.append(Missing(each.module, each.name, states.get(str(each))))
    return found[:MOST_NAMES]


def stub(names: list[Missing]) -> str:
    """Return the files that would hold the names, with a line for each to be filled in."""
    files: dict[str, list[Missing]] = {}
    for each in names:
        files.setdefault(each.file, []).append(each)
    return "\n\n".join(f"# {file}\n{_content(of)}" for file, of in files.items())


def _content(names: list[Missing]) -> str:
    parts = ["# The definitions with which the model was trained, and their imports:"]
    for each in names:
        if each.attributes is None:
            parts.append(f"def {each.name}(data): ...")
            continue
        saved = f"  # it has {', '.join(each.attributes)}" if each.attributes else ""
        parts.append(
            f"class {each.name}(TransformerMixin, BaseEstimator):{saved}\n"
            "    def fit(self, X, y=None): return self\n"
            "    def transform(self, X): ..."
        )
    if any(each.attributes is not None for each in names):
        parts.insert(0, "from sklearn.base import BaseEstimator, TransformerMixin")
    return "\n".join(parts)
