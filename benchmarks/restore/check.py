"""What came of a restore."""

import json
from collections import Counter
from pathlib import Path

from benchmarks.restore.bucket import Bucket


def check(root: Path, bucket: Bucket) -> dict[str, int]:
    """Count by the files alone what is published, refused and out of order.

    `wrong_current` counts models that serve another version than the one that was written last.
    """
    found: Counter[str] = Counter(published=0, refused=0, pending=0, wrong_current=0)
    for name, key in bucket.newest.items():
        folder = root / "models" / name
        manifests = [json.loads(p.read_text()) for p in folder.glob("versions/*/manifest.json")]
        found["published"] += len(manifests)
        found["refused"] += len(list(folder.glob("rejected/*.json")))
        found["pending"] += len(list(folder.glob("pending/*.json")))
        current = folder / "current" / "manifest.json"
        serving = json.loads(current.read_text())["source"]["key"] if current.exists() else None
        found["wrong_current"] += serving != key
    return dict(found)
