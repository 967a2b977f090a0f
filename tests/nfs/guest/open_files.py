"""A version is deleted by the very client that has its files open.

The client then only renames such a file (`.nfs…`), and its folder can't be removed.
"""

from pathlib import Path

from serving.repository.repository import Repository
from tests.nfs.guest import clients
from tests.nfs.guest.report import found
from tests.nfs.guest.writer import Writer


def main() -> None:
    """Delete a version under a reader of the same client, and sweep before it ends and after."""
    root = clients.path(0) / "r"
    writer = Writer(root)
    writer.upload("iris", 1)
    writer.upload("iris", 2)
    model_file = writer.repository.models.resolve("iris", "1").model_file
    size = model_file.stat().st_size
    with model_file.open("rb") as opened:
        outcome = writer.operations.delete("iris", "1")
        writer.repository.sweep(older_than=0)
        left = _left(root)
        readable = len(opened.read()) == size
    later = Repository(clients.path(2) / "r")  # another loader, which reconciles a day later
    later.sweep(older_than=0)
    found(
        {
            "outcome": outcome.result,
            "serves": writer.repository.models.current("iris"),
            "left_while_open": left,
            "readable": readable,
            "left_afterwards": _left(clients.path(2) / "r"),
        }
    )


def _left(root: Path) -> int:
    """Count the files that are left of what was removed."""
    return sum(path.is_file() for path in (root / "candidates").rglob("*"))
