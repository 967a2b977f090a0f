"""Reads the policy's data, and answers what a model of some version may be made of."""

import json
import re
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from modelmount_compiler.frameworks import third_party

DATA = Path(__file__).parent / "data"
SCIKIT_LEARN = "scikit-learn"
TABLES = "tables.json"
FILE = re.compile(r"(.+)-(\d+)\.(\d+)\.json")

Rule = dict[str, Any]


class Policy:
    """What a model may name, call and hold.

    Attributes:
        version: the version of scikit-learn that it is about, as (1, 9).
        types: names of types that are plain data as values.
        functions: names of functions that may be held, and never called by loading.
        data: rules of classes whose objects are data.
        classes: rules of classes whose objects are parts of models.
        calls: what may be called by loading, with which arguments.
        values: the only values of some attributes, by their names.
        numeric: those of the functions that `functools.partial` may hold: NumPy's and SciPy's.
    """

    def __init__(self, version: tuple[int, int], parts: Iterable[dict[str, Any]]) -> None:
        self.version = version
        common = _read(DATA / "python.json")
        self.types = frozenset(_spread(common["types"]))
        self.functions = set(_spread(common["functions"]))
        self.data: dict[str, Rule] = dict(common["data"])
        self.classes: dict[str, Rule] = dict(common["classes"])
        self.calls: dict[str, Rule] = common["calls"]
        self.values: dict[str, list[Any]] = common["values"]
        for part in parts:
            for name, rule in part["classes"].items():
                self.classes[name] = _merged(self.classes.get(name), rule)
            self.data |= part.get("data", {})
            self.calls |= part.get("calls", {})
            self.values |= part.get("values", {})
            self.functions |= set(part["functions"])
        self.numeric = frozenset(n for n in self.functions if n.startswith(NUMERIC))

    def may_name(self, name: str) -> bool:
        """Whether a file may name this at all."""
        return (
            name in self.classes
            or name in self.data
            or name in self.calls
            or name in self.functions
            or name in self.types
            or name in HELPERS
            or self.unpickled_by(name) is not None
        )

    def unpickled_by(self, name: str) -> str | None:
        """Return the prefix of the classes that one of Cython's helpers makes, if it is one."""
        module, _, function = name.rpartition(".")
        if function.startswith(PYX):
            made = f"{module}.{function[len(PYX) :]}"
            return made if "compiled" in self.classes.get(made, {}) else None
        is_new = function == "newObj" and any(
            each.startswith(f"{module}.") for each in self.classes
        )
        return f"{module}." if is_new else None

    def kinds(self, name: str, attribute: str) -> str | None:
        """Return the kinds of values that an attribute may hold; None where there is none such."""
        return _by_attribute(self, name).get(attribute) or self._further(name, attribute)

    def _further(self, name: str, attribute: str) -> str | None:
        barred = self.classes[name].get("*")
        known = barred is not None and attribute not in barred
        return "d" if known and re.fullmatch(r"_?[A-Za-z]\w*", attribute) else None


NUMERIC = ("numpy.", "scipy.special.")
ITEMGETTER = "operator.itemgetter"
PYX = "__pyx_unpickle_"
RECONSTRUCTOR = "copyreg._reconstructor"
ARRAY_WRAPPER = "joblib.numpy_pickle.NumpyArrayWrapper"
GENERATORS = (
    "numpy.random._mt19937.MT19937",
    "numpy.random._pcg64.PCG64",
    "numpy.random._pcg64.PCG64DXSM",
    "numpy.random._philox.Philox",
    "numpy.random._sfc64.SFC64",
)
# The class of arrays that were mapped when they were saved; joblib reads them as plain arrays.
MEMMAP = "numpy.memmap"
# What generators are called where they were made, which is how skops names them.
OF_GENERATORS = ("numpy.random.mtrand.RandomState", "numpy.random._generator.Generator")
HELPERS = frozenset({RECONSTRUCTOR, ARRAY_WRAPPER, MEMMAP, *GENERATORS, *OF_GENERATORS})


@cache
def _by_attribute(policy: Policy, name: str) -> dict[str, str]:
    rule = policy.classes[name]
    return {
        attribute: kinds
        for kinds, attributes in rule.items()
        if kinds not in ("*", "compiled", "takes", "table")
        for attribute in attributes.split()
    }


def _merged(known: Rule | None, rule: Rule) -> Rule:
    """Return the rule of a class of which several releases are known: what any of them takes.

    Boosting libraries load the pickles of their older releases, whose objects have attributes
    that the newer ones dropped.
    """
    if known is None or "table" in rule or "compiled" in rule or "compiled" in known:
        return rule
    kinds: dict[str, str] = {}
    for each in (known, rule):
        for kind, attributes in each.items():
            for attribute in attributes.split() if kind != "*" else ():
                kinds[attribute] = "".join(sorted({*kinds.get(attribute, ""), *kind}))
    merged: Rule = {}
    for attribute, kind in sorted(kinds.items()):
        merged[kind] = f"{merged[kind]} {attribute}" if kind in merged else attribute
    barred = [each["*"] for each in (known, rule) if "*" in each]
    return merged | ({"*": sorted(set().union(*barred))} if barred else {})


def _spread(names: dict[str, str]) -> Iterable[str]:
    return (f"{module}.{name}" for module, of in names.items() for name in of.split())


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


@cache
def _files() -> dict[str, dict[tuple[int, int], Path]]:
    found: dict[str, dict[tuple[int, int], Path]] = {}
    for path in sorted(DATA.iterdir()):
        if matched := FILE.fullmatch(path.name):
            library, major, minor = matched.groups()
            found.setdefault(library, {})[int(major), int(minor)] = path
    return found


def installed() -> tuple[int, int]:
    """Return the installed version of scikit-learn."""
    return parsed(metadata.version(SCIKIT_LEARN)) or (0, 0)


def parsed(version: str) -> tuple[int, int] | None:
    """Return the first two numbers of a version."""
    matched = re.match(r"(\d{1,4})\.(\d{1,4})", version)
    return (int(matched[1]), int(matched[2])) if matched else None


def for_version(version: tuple[int, int] | None = None) -> Policy:
    """Return the policy of a version of scikit-learn, or of the nearest that there is data of."""
    known = sorted(_files()[SCIKIT_LEARN])
    wanted = version or installed()
    older = [each for each in known if each <= wanted]
    return _assembled(older[-1] if older else known[0])


@cache
def _assembled(version: tuple[int, int]) -> Policy:
    """Return the policy of a version, with all that is known of the boosting libraries.

    A pickle doesn't tell their versions, and they load those of their older ones.
    """
    files = _files()
    parts = [_read(path) for path in [*_of_others(), files[SCIKIT_LEARN][version]]]
    return Policy(version, parts)


def _of_others() -> list[Path]:
    """Return the data of the boosting libraries, and of third parties' where they are installed."""
    paths = []
    for library, versions in _files().items():
        if library in third_party.DISTRIBUTIONS.values():
            paths += _of_third_party(library, versions)
        elif library != SCIKIT_LEARN:
            paths += versions.values()
    return paths


def _of_third_party(library: str, versions: dict[tuple[int, int], Path]) -> list[Path]:
    """Return the data of the installed version, or of the nearest, and that of pandas' tables."""
    try:
        found = parsed(metadata.version(library)) or (0, 0)
    except metadata.PackageNotFoundError:
        return []
    older = [each for each in sorted(versions) if each <= found]
    return [DATA / TABLES, versions[older[-1] if older else min(versions)]]


@cache
def of_any_version() -> Policy:
    """Return a policy that lets be what that of any version does."""
    paths = [*_files()[SCIKIT_LEARN].values(), *_of_others()]
    return Policy((0, 0), [_read(path) for path in paths])
