"""MLflow's input examples, where they are among a version's files: further probes, and no tests.

`input_example.json` holds a frame (`columns` and `data`), rows, or tensors; the payload in
`serving_input_example.json` has a key such as `dataframe_split` around it. Source: MLflow's guide
"Model Signatures and Input Examples".
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAMES = ("serving_input_example.json", "input_example.json")
MAX_BYTES = 1024 * 1024
MOST_ROWS = 20
AROUND = ("dataframe_split", "dataframe_records", "inputs", "instances")


def fitting(folder: Path, answers: Callable[[list[Any]], object]) -> list[Any]:
    """Return the rows that the model answers; any other is left out in silence.

    Args:
        answers: asks the model for rows; it may raise whatever it likes.
    """
    for name in NAMES:
        for rows in _forms(_read(folder / name)):
            found = [row for row in rows[:MOST_ROWS] if _is_answered(row, answers)]
            if found:
                return found
    return []


def _is_answered(row: Any, answers: Callable[[list[Any]], object]) -> bool:
    try:
        answers([row])
    except Exception:
        return False
    return True


def _read(path: Path) -> Any:
    """Return the content, or None where there is none that can be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def _forms(content: Any) -> list[list[Any]]:
    """Return the rows in each form that may be meant: as objects by column, then as lists."""
    if isinstance(content, dict):
        inner = next((content[key] for key in AROUND if key in content), None)
        if inner is not None:
            return _forms(inner)
        columns, data = content.get("columns"), content.get("data")
        if isinstance(data, list) and all(isinstance(row, list) for row in data):
            names = columns if isinstance(columns, list) else []
            is_named = bool(names) and all(isinstance(name, str) for name in names)
            records = [dict(zip(names, row, strict=False)) for row in data] if is_named else []
            return [records, data]
        return [[content]]
    return [content] if isinstance(content, list) else []
