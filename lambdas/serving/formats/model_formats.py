"""Formats of model files, recognised by name at upload and by content when prepared.

`check_extension` needs the name alone: the loader refuses early a file that can never serve.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from serving.errors import UploadRejected
from serving.formats import content_detection, foreign_contents, foreign_names
from serving.formats.file_names import ACCEPTED, FORMATS
from serving.records.object_keys import MODEL_JSON

SAVE_AS = (
    "Save a scikit-learn model with joblib.dump, pickle.dump or skops.io.dump; one of "
    "XGBoost, LightGBM or CatBoost with its own save_model; any other as ONNX."
)


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
        raise UploadRejected("UNSUPPORTED_FORMAT", f"{_given(filename, extension)} {SAVE_AS}")
    return FORMATS[extension]


def _given(filename: str, extension: str) -> str:
    accepted = f"accepted are {ACCEPTED}"
    if extension in foreign_names.EXTENSIONS:
        what, advice = foreign_names.EXTENSIONS[extension]
        return f"{filename!r} has the extension {what}; {accepted}. {advice}"
    given = f"the extension {extension!r}" if extension else "no extension"
    return f"{filename!r} has {given}, and isn't a model by its content; {accepted}."


def check_start(filename: str, head: bytes) -> None:
    """Check a file whose name promises nothing, by how it begins.

    Raises:
        UploadRejected: it can't be a model.
    """
    _refuse_foreign(filename, io.BytesIO(head))
    if not content_detection.may_be_model(head):
        check_extension(filename)


def recognise(path: Path) -> str:
    """Return the file's format, a key of `BY_NAME`, by its content.

    The format that the name promises goes first, since a file may be of two.

    Raises:
        UploadRejected: it is of none; the text says what it is, where that is known.
    """
    promised = FORMATS.get(path.suffix.lower())
    with path.open("rb") as file:
        _refuse_foreign(path.name, file)
        if promised and _fits(BY_NAME[promised].fits, file):
            return promised
        for name, fits in BY_CONTENT.items():
            if _fits(fits, file):
                return name
        promised = promised or check_extension(path.name)
        file.seek(0)
        raise UploadRejected(
            "CORRUPT_FILE",
            f"{path.name!r} is no {promised} file, nor of another known format: it starts with "
            f"{file.read(16)!r}. Save the model again with {BY_NAME[promised].writer}.",
        )


def _fits(fits: Callable[[BinaryIO], bool], file: BinaryIO) -> bool:
    file.seek(0)
    return fits(file)


def _refuse_foreign(filename: str, file: BinaryIO) -> None:
    foreign = foreign_contents.identify(file)
    if foreign is not None:
        raise UploadRejected(foreign.code, f"{filename!r} is {foreign.what}. {foreign.advice}")


BY_NAME = {
    "joblib": Format("sklearn", "joblib.dump", content_detection.is_joblib),
    "pickle": Format("sklearn", "pickle.dump", content_detection.is_pickle),
    "skops": Format("sklearn", "skops.io.dump", content_detection.is_skops),
    "xgboost": Format("xgboost", "XGBoost's save_model, as .ubj", content_detection.is_xgboost),
    "lightgbm": Format("lightgbm", "LightGBM's Booster.save_model", content_detection.is_lightgbm),
    "catboost": Format("catboost", "CatBoost's save_model", content_detection.is_catboost),
    "onnx": Format("onnx", "onnx.save", content_detection.is_onnx),
}
# What is asked of a file whose name promises something else, in this order.
BY_CONTENT: dict[str, Callable[[BinaryIO], bool]] = {
    "joblib": content_detection.is_dumped_by_joblib,
    **{name: known.fits for name, known in BY_NAME.items() if name != "joblib"},
}
RUNTIMES = {name: known.runtime for name, known in BY_NAME.items()}
