"""What it costs to look for the version that serves: requests to the server."""

from collections import Counter
from pathlib import Path

from serving.repository.model_reader import ModelReader
from tests.nfs.guest import clients
from tests.nfs.guest.report import found
from tests.nfs.guest.writer import Writer

LOOKS = 100


def main() -> None:
    """Publish a model, and look for it again and again."""
    Writer(clients.path(0) / "r").upload("iris", 1)
    models = ModelReader(clients.path(1) / "r/models")
    models.resolve("iris")
    before = _requests(clients.path(1))
    for _ in range(LOOKS):
        models.resolve("iris")
    made = _requests(clients.path(1)) - before
    found({name: count / LOOKS for name, count in made.items()})


def _requests(mounted: Path) -> Counter[str]:
    """Count the requests of a mount so far, by name: /proc/self/mountstats has a line for each."""
    counts: Counter[str] = Counter()
    is_it = False
    for line in Path("/proc/self/mountstats").read_text().splitlines():
        words = line.split()
        if words[:1] == ["device"]:
            is_it = words[4] == str(mounted)
        elif is_it and len(words) > 8 and words[0].rstrip(":").replace("_", "").isupper():
            counts[words[0].rstrip(":")] = int(words[1])
    return counts
