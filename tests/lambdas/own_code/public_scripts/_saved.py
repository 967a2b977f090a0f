"""What each script leaves for the test."""

import ast
import json
import shutil
from pathlib import Path


def code_of(folder, script, name="features.py"):
    """Put a script's imports and definitions into `code/`, as its author would move them."""
    text = Path(script).read_text()
    tree = ast.parse(text)
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign)
    kept = [part for part in tree.body if isinstance(part, kinds)]
    kept = [p for p in kept if getattr(p, "module", None) != "_saved"]
    place = folder / "upload" / "code"
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_text("\n\n".join(ast.get_source_segment(text, p) for p in kept) + "\n")


def copy_of(folder, script, name):
    """Put a whole file into `code/`."""
    place = folder / "upload" / "code"
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(script, place / name)


def expect(folder, instances, predictions):
    """Say what the model answers."""
    told = {"instances": instances, "predictions": predictions}
    (folder / "expected.json").write_text(json.dumps(told))
