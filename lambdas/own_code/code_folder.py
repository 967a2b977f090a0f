"""Where the code beside a model lies, and from which folders and wheels it is imported."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CODE = "code"
SCRIPT = "inference.py"
MODEL_JSON = "model.json"
MLMODEL = "MLmodel"
PYTHON, WHEEL = ".py", ".whl"
# The folder that MLflow names for `code_paths`; its value is a plain path.
MLFLOW_CODE = re.compile(r"^ +code: *['\"]?([\w./-]+)['\"]? *$", re.M)


@dataclass(frozen=True, slots=True)
class CodeFolder:
    """The code beside a model.

    Attributes:
        root: the version's folder.
        places: folders and wheels that modules are imported from, in order.
        script: the script of script mode, where there is one.
    """

    root: Path
    places: tuple[Path, ...] = ()
    script: Path | None = None


def find(root: Path, model: Path) -> CodeFolder:
    """Return the code of the model in a version's folder; none of it is imported."""
    stated = [path for path in _stated(root, model) if path.exists()]
    places = dict.fromkeys(place for path in stated for place in _places(path))
    folders = dict.fromkeys((model.parent / CODE, root / CODE, root))
    named = [folder / SCRIPT for folder in folders if folder.name == CODE]
    if model.parent.name == CODE and model.suffix == PYTHON:
        named.insert(0, model)
    return CodeFolder(root, tuple(places), next((path for path in named if path.is_file()), None))


def _stated(root: Path, model: Path) -> Iterator[Path]:
    """Yield what `model.json` or MLflow says, or else the folders of the usual name."""
    stated = list(_of_model_json(root))
    mlmodel = model.parent / MLMODEL
    if mlmodel.is_file():
        text = mlmodel.read_text("utf-8", errors="replace")
        stated += [
            below
            for found in MLFLOW_CODE.findall(text)
            if (below := _below(root, model.parent / found))
        ]
    yield from stated
    yield from (model.parent / CODE, root / CODE)


def _of_model_json(root: Path) -> Iterator[Path]:
    path = root / MODEL_JSON
    if not path.is_file():
        return
    try:
        given = json.loads(path.read_bytes()).get("code", ())
    except (ValueError, AttributeError):
        return
    for name in given if isinstance(given, list) else ():
        if isinstance(name, str) and (below := _below(root, root / name)):
            yield below


def _below(root: Path, path: Path) -> Path | None:
    """Return a path that stays within a folder, or None."""
    return path if path.resolve().is_relative_to(root.resolve()) else None


def _places(path: Path) -> Iterator[Path]:
    """Yield what goes onto the import path so that a file, package, folder or wheel is found."""
    if path.suffix == WHEEL:
        yield path
    elif path.is_file() or (path / "__init__.py").is_file():
        yield path.parent
    if path.is_dir():
        yield path
        yield from sorted(path.glob(f"*{WHEEL}"))
