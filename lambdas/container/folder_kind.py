"""The kind of a model's folder, by the files in it; nothing is loaded, and no code is run."""

import ast
from pathlib import Path
from typing import Literal

from container import artifacts, generation
from container.artifacts import CODE
from serving.errors import BadRequest
from serving.records.manifest import MANIFEST

Kind = Literal["script", "text", "version", "model"]
LOADS = "model_fn"


def kind(folder: Path, program: str) -> Kind:
    """Return how a folder is served: by the first kind that fits.

    Raises:
        BadRequest: nothing fits.
    """
    if (folder / CODE / program).is_file():
        return "script"
    if generation.is_generator(folder):
        return "text"
    if (folder / MANIFEST).is_file():
        return "version"
    artifacts.model_file(folder)
    return "model"


def check(folder: Path, program: str) -> Kind:
    """Return the kind of a folder that can be served without errors, and whole.

    Raises:
        BadRequest: loading would fail, or files would be ignored; the text says what to do.
    """
    try:
        found = kind(folder, program)
    except BadRequest:
        _check_depth(folder, program)
        raise
    if found == "script":
        _check_script(folder / CODE / program)
    elif (folder / CODE).is_dir():
        raise BadRequest(
            f"There is a folder {CODE}/ without {program}, so nothing of it would be run. Call the "
            f"script {CODE}/{program}, or leave the folder out."
        )
    if found == "text" and not any(folder.glob("*tokenizer*")) and not any(folder.glob("*vocab*")):
        raise BadRequest(
            "The tokenizer is missing: save it into the same folder with save_pretrained."
        )
    return found


def _check_depth(folder: Path, program: str) -> None:
    """Refuse files that lie one folder too deep, as `tar -czf model.tar.gz FOLDER` puts them."""
    inner = [path for path in folder.iterdir() if not path.name.startswith(".")]
    if len(inner) != 1 or not inner[0].is_dir() or inner[0].name == CODE:
        return
    try:
        kind(inner[0], program)
    except BadRequest:
        return
    raise BadRequest(f"All lies in a folder {inner[0].name}/: pack what is in it, not itself.")


def _check_script(path: Path) -> None:
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        raise BadRequest(f"{CODE}/{path.name} is no Python program: {error}.") from error
    if not any(_gives(statement, LOADS) for statement in ast.walk(tree)):
        raise BadRequest(
            f"{CODE}/{path.name} has no {LOADS}(model_dir): define it; it returns the model that "
            "it loads from that folder."
        )


def _gives(node: ast.AST, name: str) -> bool:
    """Whether a name is defined, assigned or imported there; `import *` may give any."""
    match node:
        case ast.FunctionDef():
            return node.name == name
        case ast.Name(ctx=ast.Store()):
            return node.id == name
        case ast.alias():
            return (node.asname or node.name) in (name, "*")
    return False
