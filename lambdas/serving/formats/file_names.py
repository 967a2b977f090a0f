"""What the name of an uploaded file says: a model, an archive, a part of a version, a side file.

Names promise, and contents decide: `model_formats.recognise` looks inside.
"""

from collections.abc import Iterable
from pathlib import PurePosixPath

from serving.records.object_keys import COMPRESSIONS, ObjectKey

ARCHIVES = (".tar.gz", ".tgz", ".zip")
# Extensions of many other files, too: among several files only this one name is a model's.
AMBIGUOUS = (".json", ".txt", ".p", ".pk", ".pck", ".pckl")
UNAMBIGUOUS = ("xgboost-model", "model.txt", "model.p", "model.pk", "model.pck", "model.pckl")
# What libraries' own documentation writes; among several files these go before the other names.
USUAL = (".joblib", ".pkl", ".pickle", ".skops", ".ubj", ".cbm", ".onnx")
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
    # Names that people and other tools give: MLflow's are .xgb, .lgb and .cb.
    ".sav": "pickle",
    ".p": "pickle",
    ".pk": "pickle",
    ".pck": "pickle",
    ".pckl": "pickle",
    ".xgb": "xgboost",
    ".bst": "xgboost",
    ".lgb": "lightgbm",
    ".lgbm": "lightgbm",
    ".cb": "catboost",
}
ACCEPTED = ", ".join((*FORMATS, *ARCHIVES))


def is_archive(filename: str) -> bool:
    """Whether the file's name is that of an archive, which may hold a model."""
    return filename.lower().endswith(ARCHIVES)


def is_packed(filename: str) -> bool:
    """Whether the file's name is that of one compressed file."""
    return filename.lower().endswith(COMPRESSIONS) and not is_archive(filename)


def unpacked_name(filename: str) -> str:
    """Return a compressed file's name without its last extension; any other name as it is."""
    return filename.rpartition(".")[0] if is_packed(filename) else filename


def is_part(key: ObjectKey) -> bool:
    """Whether the object can only be one of the files that a version's `model.json` lists."""
    if key.version is None or key.is_model_json:
        return False
    name = key.filename
    return "/" in name or not (is_archive(name) or is_model(unpacked_name(name)))


def models_among(paths: Iterable[str]) -> list[str]:
    """Return those of several files that are models by their names: the usual ones, or else all."""
    found = [path for path in paths if is_model(path)]
    usual = [path for path in found if path.lower().endswith((*USUAL, UNAMBIGUOUS[1]))]
    return usual or found


def is_model(path: str) -> bool:
    """Whether a file among several is a model by its name."""
    name = PurePosixPath(path.lower())
    return name.name in UNAMBIGUOUS or name.suffix in FORMATS.keys() - set(AMBIGUOUS)
