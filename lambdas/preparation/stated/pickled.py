"""What a pickle states, from the stand-ins of what it would make."""

from collections.abc import Iterator
from typing import Any

from modelmount_compiler.frameworks.loading_policy.record import Record
from modelmount_compiler.frameworks.loading_policy.values import Made
from preparation.stated import boosters
from preparation.stated.stated import (
    MODULE,
    MOST_MODULES,
    MOST_NAMES,
    MOST_VERSIONS,
    SCIKIT_LEARN,
    Stated,
    is_version,
)

KEY = "_sklearn_version"
# Boosting libraries keep an encoder of labels, which is the same in every version.
HELPERS = ("LabelEncoder", "XGBoostLabelEncoder", "_LGBMLabelEncoder")
BOOSTING = ("xgboost", "lightgbm", "catboost")


def of(record: Record) -> Stated:
    """Return what the pickles say that a record was made of."""
    versions: dict[str, dict[str, None]] = {}
    by_helpers: dict[str, None] = {}
    is_boosted = _holds_boosters_alone(record)
    for made in record.made:
        for part in _states(made):
            found = part.get(KEY) if type(part) is dict else None
            if not is_version(found):
                continue
            is_helper = is_boosted and made.made_of.rpartition(".")[2] in HELPERS
            into = by_helpers if is_helper else versions.setdefault(SCIKIT_LEARN, {})
            into[str(found)] = None
        for distribution, version in _of_boosters(made):
            versions.setdefault(distribution, {})[version] = None
    packages = {_package(each.module): None for each in record.named}
    modules = [name for name in packages if MODULE.fullmatch(name)]
    return Stated(
        versions={name: tuple(found)[:MOST_VERSIONS] for name, found in versions.items()},
        helper_versions=tuple(by_helpers)[:MOST_VERSIONS],
        modules=tuple(modules[:MOST_MODULES]),
        untrusted=tuple(name[:200] for name in record.untrusted()[:MOST_NAMES]),
    )


def _of_boosters(made: Made) -> Iterator[tuple[str, str]]:
    """Yield the distributions and versions that a boosting library's object tells."""
    if _package(made.made_of) in BOOSTING:
        for data in _bytes(made):
            yield from boosters.versions(data).items()
        for part in _states(made):
            if type(part) is dict:
                yield from boosters.by_attributes(made.made_of, part).items()


def _package(name: str) -> str:
    return name.partition(".")[0]


def _holds_boosters_alone(record: Record) -> bool:
    """Whether all of scikit-learn's in a file is a boosting library's helper."""
    classes = [str(each) for each in record.named]
    own = [name for name in classes if _package(name) == "sklearn"]
    has_boosters = any(_package(name) in BOOSTING for name in classes)
    return has_boosters and all(name.rpartition(".")[2] in HELPERS for name in own)


def _states(made: Made) -> Iterator[Any]:
    """Yield the dicts that an object was made with or given: its attributes are in one of them."""
    waiting = [made.state, made.given]
    for part in waiting:
        if isinstance(part, tuple | list):
            yield from part
        else:
            yield part


def _bytes(made: Made) -> Iterator[bytes | bytearray]:
    for part in _states(made):
        for value in part.values() if isinstance(part, dict) else (part,):
            data = value.given if isinstance(value, Made) else (value,)
            for each in data if isinstance(data, list | tuple) else ():
                if isinstance(each, bytes | bytearray):
                    yield each
