"""Asks a child about each file of an upload, and makes one report of all."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

from environments.environment import Environment
from preparation.choice.from_upload import Ask
from preparation.stated.stated import Stated
from serving.errors import RecordError
from serving.records import codec

AskAbout = Callable[[str, str, Environment | None], dict[str, Any]]


def about_all(files: Iterable[tuple[str, str]], ask: AskAbout) -> Ask:
    """Return what asks about each file, and reports what all of them state.

    Args:
        files: the name of each file, and its format.
        ask: asks a child of an environment about one file.
    """
    wanted = list(files)

    def asked(environment: Environment | None) -> dict[str, Any]:
        found = [(name, ask(name, fmt, environment)) for name, fmt in wanted]
        return found[0][1] if len(found) == 1 else _joined(found)

    return asked


def _joined(found: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """Return one report; the first refusal names its file."""
    try:
        stated = [codec.decode(Stated, report.get("stated")) for _, report in found]
    except RecordError:
        return {}
    joined: dict[str, Any] = {"stated": codec.encode(_together(stated))}
    for name, report in found:
        told = report.get("rejected")
        if isinstance(told, dict):
            reason = f"{name!r:.200}: {told.get('reason')}"
            joined.setdefault("rejected", {"code": told.get("code"), "reason": reason})
    return joined


def _together(stated: list[Stated]) -> Stated:
    versions: dict[str, tuple[str, ...]] = {}
    for each in stated:
        for name, found in each.versions.items():
            versions[name] = _union(versions.get(name, ()), found)
    helpers, modules, untrusted = (
        _union(*(getattr(each, name) for each in stated))
        for name in ("helper_versions", "modules", "untrusted")
    )
    return dataclasses.replace(
        stated[0],
        versions=versions,
        helper_versions=helpers,
        modules=modules,
        untrusted=untrusted,
    )


def _union(*texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for each in texts for text in each))
