"""Formats of model files, recognised by name at upload and by content when prepared.

`check_extension` needs the name alone: the loader refuses early a file that can never serve.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from serving.errors import UploadRejected
from serving.formats import content_detection
from serving.records.object_keys import MODEL_JSON, ObjectKey

ARCHIVES = (".tar.gz", ".tgz", ".zip")
# Extensions of many other files, too: among several files only this one name is a model's.
AMBIGUOUS = (".json", ".txt")
UNAMBIGUOUS = "model.txt"


@dataclass(frozen=True, slots=True)
class Format:
    """A format in which models are stored.

    Attributes:
        runtime: the module of `modelmount_compiler.frameworks` that loads it.
        writer: the function that saves such a file, for people.
        fits: whether an open file is of this format.
    """

    runtime: str
    writer: str
    fits: Callable[[BinaryIO], bool]


def is_archive(filename: str) -> bool:
    """Whether the file's name is that of an archive, which may hold a model."""
    return filename.lower().endswith(ARCHIVES)


def is_part(key: ObjectKey) -> bool:
    """Whether the object can only be one of the files that a version's `model.json` lists."""
    if key.version is None or key.is_model_json:
        return False
    return "/" in key.filename or not (is_model(key.filename) or is_archive(key.filename))


def is_model(path: str) -> bool:
    """Whether a file among several is a model by its name."""
    name = PurePosixPath(path.lower())
    return name.name == UNAMBIGUOUS or name.suffix in FORMATS.keys() - set(AMBIGUOUS)


def check_extension(filename: str) -> str:
    """Return the format that the file's name implies.

    Raises:
        UploadRejected: the name promises no format that can be served.
    """
    extension = PurePosixPath(filename).suffix.lower()
    if filename.lower() == MODEL_JSON:
        raise UploadRejected(
            "UNSUPPORTED_FORMAT",
            f"The name {MODEL_JSON} is for the list of a version's files, as MODEL/VERSION/"
            f"{MODEL_JSON}. Save an XGBoost model as .ubj, or under another name.",
        )
    if extension not in FORMATS:
        given = f"the extension {extension!r}" if extension else "no extension"
        raise UploadRejected(
            "UNSUPPORTED_FORMAT",
            f"{filename!r} has {given}; accepted are {', '.join(FORMATS)}, and archives of them: "
            f"{', '.join(ARCHIVES)}. "
            "Save a scikit-learn model with joblib.dump, pickle.dump or skops.io.dump; one of "
            "XGBoost, LightGBM or CatBoost with its own save_model; any other as ONNX.",
        )
    return FORMATS[extension]


def recognise(path: Path) -> str:
    """Return the file's format, a key of `BY_NAME`, after a check of its content.

    Raises:
        UploadRejected: the content doesn't fit the name.
    """
    promised = check_extension(path.name)
    with path.open("rb") as file:
        if not BY_NAME[promised].fits(file):
            file.seek(0)
            raise UploadRejected(
                "CORRUPT_FILE",
                f"{path.name!r} is no {promised} file: it starts with {file.read(16)!r}. "
                f"Save the model again with {BY_NAME[promised].writer}.",
            )
    return promised


BY_NAME = {
    "joblib": Format("sklearn", "joblib.dump", content_detection.is_joblib),
    "pickle": Format("sklearn", "pickle.dump", content_detection.is_pickle),
    "skops": Format("sklearn", "skops.io.dump", content_detection.is_skops),
    "xgboost": Format("xgboost", "XGBoost's save_model, as .ubj", content_detection.is_xgboost),
    "lightgbm": Format("lightgbm", "LightGBM's Booster.save_model", content_detection.is_lightgbm),
    "catboost": Format("catboost", "CatBoost's save_model", content_detection.is_catboost),
    "onnx": Format("onnx", "onnx.save", content_detection.is_onnx),
}
FORMATS = {
    ".joblib": "joblib",
    ".pkl": "pickle",
    ".pickle": "pickle",
    ".skops": "skops",
    ".ubj": "xgboost",
    ".json": "xgboost",
    ".txt": "lightgbm",
    ".cbm": "catboost",
    ".onnx": "onnx",
}
RUNTIMES = {name: known.runtime for name, known in BY_NAME.items()}
