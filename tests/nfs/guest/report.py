"""What an experiment tells the host."""

import json
from typing import Any

FOUND = "found: "


def found(what: Any) -> None:
    """Say what was found; it is the last thing that an experiment says."""
    print(f"\n{FOUND}{json.dumps(what)}", flush=True)
