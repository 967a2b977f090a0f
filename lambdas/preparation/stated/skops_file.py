"""What a skops file states, which is JSON: its nodes name classes, and hold their attributes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from preparation.stated import boosters
from preparation.stated.pickled import BOOSTING, HELPERS, KEY
from preparation.stated.stated import (
    MODULE,
    MOST_MODULES,
    MOST_VERSIONS,
    SCIKIT_LEARN,
    Stated,
    is_version,
)

SCHEMA = "schema.json"


def of(path: Path, max_bytes: int) -> Stated:
    """Return what the schema says; raises whatever a damaged file may cause."""
    versions: dict[str, dict[str, None]] = {}
    by_helpers: dict[str, None] = {}
    modules: dict[str, None] = {}
    with ZipFile(path) as archive:
        if archive.getinfo(SCHEMA).file_size > max_bytes:
            raise MemoryError
        schema = json.loads(archive.read(SCHEMA))
        nodes = list(_nodes(schema))
        classes = {f"{node.get('__module__')}.{node.get('__class__')}" for node in nodes}
        is_boosted = any(name.partition(".")[0] in BOOSTING for name in classes)
        own = {name for name in classes if name.startswith("sklearn.")}
        helpers = is_boosted and all(name.rpartition(".")[2] in HELPERS for name in own)
        for node in nodes:
            if isinstance(module := node.get("__module__"), str):
                modules[module.partition(".")[0]] = None
            if (found := _version(node)) is not None:
                into = by_helpers if helpers else versions.setdefault(SCIKIT_LEARN, {})
                into[found] = None
        for name in archive.namelist() if is_boosted else ():
            if name != SCHEMA and archive.getinfo(name).file_size <= max_bytes:
                for distribution, version in boosters.versions(archive.read(name)).items():
                    versions.setdefault(distribution, {})[version] = None
    return Stated(
        versions={name: tuple(found)[:MOST_VERSIONS] for name, found in versions.items()},
        helper_versions=tuple(by_helpers)[:MOST_VERSIONS],
        modules=tuple(name for name in modules if MODULE.fullmatch(name))[:MOST_MODULES],
    )


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    waiting = [schema]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield each
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)


def _version(attributes: dict[str, Any]) -> str | None:
    """Return the version among an object's attributes, which is the JSON of a text."""
    node = attributes.get(KEY)
    content = node.get("content") if isinstance(node, dict) else None
    try:
        found = json.loads(content) if isinstance(content, str) else None
    except ValueError:
        return None
    return found if is_version(found) else None
