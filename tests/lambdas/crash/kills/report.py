"""The result of the kills."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.lambdas.crash.state import Torn


@dataclass
class Report:
    """Counts of kills and reads, and the faults: torn versions and lost uploads."""

    kills: int = 0
    looks: int = 0
    torn: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    where: str = ""

    def add(self, other: "Report") -> None:
        self.kills += other.kills
        self.looks += other.looks
        self.torn += other.torn
        self.lost += other.lost

    def saw(self, found: list[tuple[int, list[str]]]) -> None:
        """Add the reports of readers."""
        for looks, amiss in found:
            self.looks += looks
            self.torn += amiss

    def compare(self, expected: Any, found: Any) -> None:
        """Note a state that isn't the expected one."""
        if found != expected:
            self.lost.append(f"{self.where}: {found} instead of {expected}")

    @contextlib.contextmanager
    def noticing(self, where: str) -> Iterator[None]:
        """Note a torn version that a reader finds in the block."""
        self.where = where
        try:
            yield
        except Torn as error:
            self.torn.append(f"{where}: {error}")

    def __str__(self) -> str:
        return f"kills {self.kills}, torn {len(self.torn)}, lost {len(self.lost)}"
