from pathlib import Path

import pytest

from local.functions.event_journal import Event, EventJournal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "events.db"


def test_events_outlive_their_journal_in_order(path: Path) -> None:
    journal = EventJournal(path)
    events = [journal.add("arn:f", b"1"), journal.add("arn:g", b"\xff")]
    again = EventJournal(path)  # while the first is open, as after a kill
    assert again.pending() == events == [Event(1, "arn:f", b"1"), Event(2, "arn:g", b"\xff")]


def test_a_removed_event_is_gone_and_its_id_is_not_used_again(path: Path) -> None:
    journal = EventJournal(path)
    journal.remove(journal.add("arn:f", b"1"))
    journal.close()
    again = EventJournal(path)
    assert again.pending() == []
    assert again.add("arn:f", b"2").id == 2
