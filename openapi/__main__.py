"""Writes lambdas/serving/api/openapi.json: `python -m openapi`, or with --breaking all the same."""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "lambdas"))

from openapi import changes, document  # noqa: E402 (they import from lambdas/)

FILE = ROOT / "lambdas" / "serving" / "api" / "openapi.json"


def text() -> str:
    """Return the file as it should be."""
    return json.dumps(document.build(), indent=1) + "\n"


def main() -> None:
    """Write the file, unless that breaks clients."""
    old = json.loads(FILE.read_text("utf-8")) if FILE.exists() else None
    broken = changes.breaking(old, document.build()) if old else []
    if broken and "--breaking" not in sys.argv:
        sys.exit(
            "This breaks clients; write it with --breaking if it is meant:\n" + "\n".join(broken)
        )
    FILE.write_text(text(), "utf-8")


if __name__ == "__main__":
    main()
