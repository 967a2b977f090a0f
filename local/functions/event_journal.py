"""Keeps events until their functions have taken them, over a stop and over a kill.

Lambda's queue of asynchronous invocations is durable, and delivers at least once:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS event (
    id INTEGER PRIMARY KEY AUTOINCREMENT, function_arn TEXT NOT NULL, payload BLOB NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class Event:
    """An event that was accepted for a function."""

    id: int
    function_arn: str
    payload: bytes


class EventJournal:
    """The events under way, in a SQLite database at `path`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Each statement is a transaction.
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(_SCHEMA)

    def add(self, function_arn: str, payload: bytes) -> Event:
        """Writes an event; it is on the disk when this returns."""
        cursor = self._database.execute(
            "INSERT INTO event (function_arn, payload) VALUES (?, ?)", (function_arn, payload)
        )
        return Event(cursor.lastrowid or 0, function_arn, payload)

    def remove(self, event: Event) -> None:
        """Forgets an event whose outcome was delivered."""
        self._database.execute("DELETE FROM event WHERE id = ?", (event.id,))

    def pending(self) -> list[Event]:
        """Returns the events that no earlier run has finished, oldest first."""
        rows = self._database.execute("SELECT id, function_arn, payload FROM event ORDER BY id")
        return [Event(*row) for row in rows]

    def close(self) -> None:
        """Closes the database."""
        self._database.close()
