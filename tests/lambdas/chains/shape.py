"""A shape: the files of one upload, and the application that would ask them."""

import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib


@dataclass(frozen=True)
class Shape:
    """Objects that were saved one by one.

    Attributes:
        files: what each file holds; `.json` files hold JSON, `.joblib` ones are joblib's.
        app: computes the answers to instances as a tutorial's application does.
        instances: texts, records or rows to ask.
        statement: the fields of `model.json`, where names and widths don't suffice.
    """

    files: dict[str, Any]
    app: Callable[[list[Any]], Any]
    instances: list[Any]
    statement: dict[str, Any] | None = None


def save(folder: Path, files: dict[str, Any]) -> None:
    """Save each object into its file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in files.items():
        path = folder / name
        if isinstance(value, bytes):
            path.write_bytes(value)
        elif path.suffix == ".json":
            path.write_text(json.dumps(value))
        elif path.suffix == ".joblib":
            joblib.dump(value, path)
        else:
            path.write_bytes(pickle.dumps(value))
