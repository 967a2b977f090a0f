"""The contract of script mode: the functions by which a model's own code reads, asks and writes.

`code/inference.py` has `model_fn` and, where the defaults don't do, `input_fn`, `predict_fn` and
`output_fn`, or `transform_fn` in place of these three:
https://sagemaker.readthedocs.io/en/stable/frameworks/pytorch/using_pytorch.html#serve-a-pytorch-model
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from own_code import any_rows
from own_code.code_folder import CODE
from serving.api.protocols import media
from serving.api.raw_bodies import Asked, Written
from serving.api.routing import JSON, OCTETS
from serving.errors import BadRequest, UnsupportedMediaType
from serving.records.naming import digest

LOADS = "model_fn"


class Contract:
    """A model behind the functions of its script. An error of these is a fault of the model.

    Args:
        script: the script's path.
        folder: the model's folder, which `model_fn` gets.
    """

    def __init__(self, script: Path, folder: Path) -> None:
        self._module = _imported(script)
        if not hasattr(self._module, LOADS):
            raise BadRequest(
                f"{CODE}/{script.name} has no {LOADS}(model_dir), which loads the model."
            )
        self._model = self._module.model_fn(str(folder))

    def answer(self, asked: Asked) -> Any:
        """Answer a body: by what the script wrote, or by its prediction where it writes none."""
        module = self._module
        kind, accepted = asked.kind or JSON, asked.accepted
        accepted = JSON if accepted in ("", "*/*") else accepted
        if transform := getattr(module, "transform_fn", None):
            return _written(transform(self._model, asked.body, kind, accepted), accepted)
        data = getattr(module, "input_fn", _read)(asked.body, kind)
        predict = getattr(module, "predict_fn", lambda data, model: model.predict(data))
        prediction = predict(data, self._model)
        if write := getattr(module, "output_fn", None):
            return _written(write(prediction, accepted), accepted)
        return prediction


def _read(body: bytes, content_type: str) -> Any:  # an array, or a list of what isn't numbers
    try:
        return np.asarray(media.read(body, content_type, lambda: any_rows.OPEN)[0].batch)
    except UnsupportedMediaType as error:
        raise UnsupportedMediaType(f"{error} Or add input_fn.", field=error.field) from error


def _written(given: Any, accepted: str) -> Written:  # what the script's function gives
    """Return bytes or text, with or without a media type."""
    body, kind = given if isinstance(given, tuple) else (given, accepted)
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, bytes | bytearray):
        given_type = type(body).__name__
        raise TypeError(f"output_fn and transform_fn give bytes or a string, not {given_type}")
    return Written(bytes(body), kind or OCTETS)


def _imported(path: Path) -> ModuleType:
    """Run the script, with its folder among those that it imports from."""
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    # A module name of its own: another model's script has the same file name.
    spec = importlib.util.spec_from_file_location(f"inference_{digest(str(path))}", path)
    if spec is None or spec.loader is None:
        raise BadRequest(f"{path.name!r} is no Python file; name one in SAGEMAKER_PROGRAM.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
