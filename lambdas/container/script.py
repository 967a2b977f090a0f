"""Script mode: a model with code of its own, as SageMaker's framework containers take it.

`code/inference.py` has `model_fn` and, where the defaults don't do, `input_fn`, `predict_fn` and
`output_fn`, or `transform_fn` in place of these three:
https://sagemaker.readthedocs.io/en/stable/frameworks/pytorch/using_pytorch.html#serve-a-pytorch-model
"""

import importlib.util
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from container.artifacts import CODE, VERSION
from modelmount_compiler.instances import outputs
from modelmount_compiler.signature import Signature
from serving.api.contract import Error, ErrorResponse, InferenceResponse
from serving.api.protocols import media
from serving.api.protocols.media import WRITERS
from serving.api.routing import JSON, OCTETS, Request, Response, Route
from serving.errors import BadRequest, UnsupportedMediaType
from serving.records.naming import digest
from serving.repository import files

REQUIREMENTS = "requirements.txt"
INSTALLED = ".installed"
# Nothing tells what a script takes: rows of anything.
ANY_ROWS = Signature("matrix", "any", None, None, allows_missing=True, methods=())


class Script:
    """A model behind the functions of its script. An error of these is a fault of the model."""

    def __init__(self, name: str, folder: Path, program: str) -> None:
        self._name = name
        self._module = _imported(folder / CODE / program)
        if not hasattr(self._module, "model_fn"):
            raise BadRequest(f"{CODE}/{program} has no model_fn(model_dir), which loads the model.")
        self._model = self._module.model_fn(str(folder))
        self.routes = (Route("/invocations", POST=self._invoke),)

    def error_body(self, error: Error) -> ErrorResponse:
        """Return code, text, field and id."""
        return ErrorResponse(error)

    def _invoke(self, request: Request, _: Mapping[str, str]) -> Response:
        kind = request.header("content-type") or JSON
        accepted = request.header("accept") or ""
        accepted = JSON if accepted in ("", "*/*") else accepted
        if transform := getattr(self._module, "transform_fn", None):
            return _response(transform(self._model, request.body, kind, accepted), accepted)
        module = self._module
        data = getattr(module, "input_fn", _read)(request.body, kind)
        predict = getattr(module, "predict_fn", lambda data, model: model.predict(data))
        prediction = predict(data, self._model)
        if write := getattr(module, "output_fn", None):
            return _response(write(prediction, accepted), accepted)
        return self._written(prediction, accepted)

    def _written(self, prediction: Any, accepted: str) -> Response:
        kind = media.canonical(media.media_type(accepted))
        kind = kind if kind in WRITERS else JSON
        told = InferenceResponse(self._name, VERSION, outputs.rows(prediction))
        return _response(WRITERS[kind](told, prediction), kind)


def _read(body: bytes, content_type: str) -> Any:  # an array, or a list of what isn't numbers
    try:
        return np.asarray(media.read(body, content_type, lambda: ANY_ROWS)[0].batch)
    except UnsupportedMediaType as error:
        raise UnsupportedMediaType(f"{error} Or add input_fn.", field=error.field) from error


def _response(given: Any, accepted: str) -> Response:  # what the script's function gives
    """Return the response of bytes or text, with or without a media type."""
    body, kind = given if isinstance(given, tuple) else (given, accepted)
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, bytes | bytearray):
        given_type = type(body).__name__
        raise TypeError(f"output_fn and transform_fn give bytes or a string, not {given_type}")
    return Response(200, bytes(body), {"content-type": kind or OCTETS})


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


def install(folder: Path, scratch: Path, *, is_allowed: bool) -> None:
    """Install the packages of `code/requirements.txt`, and add them to the import path.

    Raises:
        BadRequest: that isn't allowed, or pip fails.
    """
    wanted = folder / CODE / REQUIREMENTS
    if not wanted.is_file():
        return
    if not is_allowed:
        raise BadRequest(
            f"{CODE}/{REQUIREMENTS} is there, and MODELMOUNT_ALLOW_INSTALL isn't true. Set it, or "
            "build an image with these packages and leave the file out."
        )
    target = scratch / f"packages-{digest(str(folder))}"
    with files.locked(scratch / f"{target.name}.lock"):
        if not (target / INSTALLED).exists():
            _pip("install", "--target", str(target), "--requirement", str(wanted))
            (target / INSTALLED).touch()
    sys.path.insert(0, str(target))


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (this interpreter)
    if done.returncode:
        raise BadRequest(f"{REQUIREMENTS} can't be installed: {done.stderr[-1000:].strip()}")
