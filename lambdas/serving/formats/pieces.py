"""The files of an upload that may be one model together: a model, and what stands before it.

Names and the starts of contents decide here; the objects themselves are looked at when they are
loaded (`modelmount_compiler.frameworks.chain`).
"""

import dataclasses
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from modelmount_compiler.chain import Statement
from serving.errors import UploadRejected
from serving.formats.content_detection import is_surely_model
from serving.formats.file_names import is_model, models_among
from serving.formats.foreign_contents import HEAD_BYTES
from serving.formats.model_formats import recognise
from serving.formats.side_files import is_side_file
from serving.records.manifest import MANIFEST
from serving.records.object_keys import MODEL_JSON

# Formats whose files can execute code when they are loaded.
CODE_BEARING_FORMATS = ("joblib", "pickle")
MOST_PIECES = 16
MOST_JSON_BYTES = 1024 * 1024
TO_ARRAY = "toarray"
FIELDS = tuple(field.name for field in dataclasses.fields(Statement))
# Names of what stands before a model, or behind it.
HELPER = re.compile(
    r"(?i).*(vect|tf.?idf|(^|[^a-z])(cv|bow|dv|sc|le|ohe|pca|svd)([^a-z]|$)|transform|scal|encod|"
    r"imput|select|preproc|normali|column|feature|label|class(?!if)|thresh|vocab).*"
)
# JSON that can be a part of a model.
DATA = re.compile(r"(?i).*(column|feature|label|class(?!if)).*\.json")
CODE = "code"


@dataclass(frozen=True, slots=True)
class Upload:
    """The files that are loaded for one model.

    Attributes:
        files: path below the upload's folder and format, the main file first. JSON is of the
            format `json`.
        statement: what the uploader says about how they belong together.
    """

    files: tuple[tuple[str, str], ...]
    statement: Statement | None = None

    @property
    def pickles(self) -> list[tuple[str, str]]:
        """The files whose loading can run code."""
        return [(path, fmt) for path, fmt in self.files if fmt in CODE_BEARING_FORMATS]


def together(paths: Iterable[str], holds_model: Callable[[str], bool]) -> list[str]:
    """Return the files that are models or parts of one, with the likeliest model first.

    They are those with models' names at the top, or else in all folders; where there is none,
    the contents tell. Where all are called like a vectorizer or a scaler, other names count, too.

    Args:
        holds_model: whether a file's content is surely that of a model.
    """
    seen = [path for path in paths if not (is_side_file(path) or is_hidden(path) or _is_code(path))]
    found = _at_top(models_among(seen) or [path for path in seen if holds_model(path)])
    if found and all(is_helper(path) for path in found):
        others = [path for path in seen if path not in found]
        found += _at_top([path for path in others if is_model(path) or holds_model(path)])
    return sorted(found, key=_is_unlikely)


def _at_top(paths: list[str]) -> list[str]:
    """Return the files in no folder, or all where there is none."""
    return [path for path in paths if "/" not in path] or paths


def read(folder: Path, main: str) -> Upload:
    """Return the files of an upload that its model is loaded from, and what is stated about them.

    Args:
        folder: the folder of all its files.
        main: the file that it begins with.

    Raises:
        UploadRejected: a file is of no known format.
    """
    stated = _stated(folder)
    statement = _statement(stated)
    names = sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )
    chosen = [name for name in mentioned(statement, names) if name != main]
    is_chosen = isinstance(stated.get("main"), str) or (statement is not None and statement.chain)
    if not is_chosen:
        found = together(names, lambda name: holds_model(folder / name))
        several = found if main in found and len(found) <= MOST_PIECES else []
        chosen += [name for name in several if name not in (*chosen, main)]
        beside = PurePosixPath(main).parent
        near = [name for name in names if PurePosixPath(name).parent == beside]
        chosen += [name for name in near if name not in chosen and _is_data(folder / name, main)]
    formats = [(name, _format(folder / name)) for name in (main, *chosen)]
    return Upload(tuple(formats), statement)


def mentioned(statement: Statement | None, names: Sequence[str]) -> list[str]:
    """Return the files that a statement mentions, in its order."""
    if statement is None:
        return []
    texts = _texts(dataclasses.asdict(statement))
    files = (text.partition("#")[0] if text not in names else text for text in texts)
    return list(dict.fromkeys(file for file in files if file in names))


def holds_model(path: Path) -> bool:
    """Whether a file's content is surely that of a model."""
    with path.open("rb") as file:
        return is_surely_model(file.read(HEAD_BYTES))


def is_native(path: Path) -> bool:
    """Whether a file is a model of a boosting library's own format, which never is a step."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return is_surely_model(head) and not head.startswith(b"\x80")


def is_hidden(name: str) -> bool:
    """Whether a file, or a folder above it, has a name with a leading dot."""
    return any(part.startswith(".") for part in name.split("/"))


def is_helper(path: str) -> bool:
    """Whether a file is called like what stands before a model."""
    return HELPER.fullmatch(PurePosixPath(path).stem) is not None


def _is_unlikely(path: str) -> tuple[bool, bool]:
    return is_helper(path), "model" not in PurePosixPath(path).stem.lower()


def _is_code(path: str) -> bool:
    return path.startswith(f"{CODE}/") or path in (MANIFEST, MODEL_JSON)


def _is_data(path: Path, main: str) -> bool:
    name = path.name
    is_called = DATA.fullmatch(name) is not None and name not in (MODEL_JSON, main)
    return is_called and path.stat().st_size <= MOST_JSON_BYTES and not holds_model(path)


def _format(path: Path) -> str:
    if path.suffix.lower() == ".json" and not holds_model(path):
        try:
            json.loads(path.read_bytes())
        except ValueError as error:
            text = f"{path.name!r} is no JSON: {error}"
            raise UploadRejected("CORRUPT_FILE", text) from error
        return "json"
    return recognise(path)


def _stated(folder: Path) -> dict[str, object]:
    """Return the fields of a `model.json`; one in an archive can be a model of XGBoost."""
    path = folder / MODEL_JSON
    if not path.is_file() or path.stat().st_size > MOST_JSON_BYTES:
        return {}
    try:
        found = json.loads(path.read_bytes())
    except ValueError:
        return {}
    return found if isinstance(found, dict) and "learner" not in found else {}


def _statement(stated: dict[str, object]) -> Statement | None:
    fields = {name: stated[name] for name in FIELDS if stated.get(name) is not None}
    return Statement(**fields) if fields else None


def _texts(value: object) -> list[str]:
    """Return all texts in a value; names of fields aren't among them."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list | tuple):
        return [text for each in value for text in _texts(each)]
    return []
