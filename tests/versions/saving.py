"""The ways in which people save a model: pickle's protocols, and joblib's compressions."""

import pickle
from pathlib import Path
from typing import Any

import joblib

WAYS: tuple[tuple[str, Any], ...] = (
    ("pickle", 2),
    ("pickle", 3),
    ("pickle", 4),
    ("pickle", 5),
    ("joblib", 0),
    ("joblib", 3),
    ("joblib", ("gzip", 3)),
    ("joblib", ("xz", 2)),
    ("joblib", ("bz2", 3)),
    ("joblib", ("lzma", 1)),
)


def save(model: Any, folder: Path, number: int) -> tuple[Path, str]:
    """Save a model in one of the ways, by its number; return the file and its format."""
    fmt, how = WAYS[number % len(WAYS)]
    path = folder / f"model.{fmt}"
    if fmt == "pickle":
        path.write_bytes(pickle.dumps(model, protocol=how))
    else:
        joblib.dump(model, path, compress=how)
    return path, fmt
