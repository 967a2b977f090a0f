"""The runtime of scripts: models that `code/inference.py` loads, and asks in its own way."""

import json
from pathlib import Path
from typing import Any

from modelmount_compiler.errors import InputMismatch, ModelRejected
from modelmount_compiler.frameworks.model import Model as BaseModel
from modelmount_compiler.instances.batches import Batch, NamedTensors
from modelmount_compiler.signature import Method, Signature
from own_code import any_rows, code_folder, importing, rows
from own_code.contract import LOADS, Contract
from serving.api import raw_bodies
from serving.api.raw_bodies import Asked, Written
from serving.api.routing import JSON
from serving.errors import BadRequest, RequestError

PACKAGES: tuple[str, ...] = ("scikit-learn",)
_found: list[code_folder.CodeFolder] = []


def activate(root: Path, model: Path) -> None:
    """Make the code beside the model importable; this process is for it alone."""
    _found[:] = [code_folder.find(root, model)]
    importing.activate(_found[0])


def load(_path: Path, _fmt: str) -> Contract:
    """Run the script and its `model_fn`; raises `ModelRejected` where it has none."""
    script = _found[0].script
    if script is None:
        raise ModelRejected("BAD_CODE", f"There is no code/inference.py with {LOADS}.")
    try:
        return Contract(script, script.parent.parent)
    except MemoryError:
        raise
    except BadRequest as error:
        raise ModelRejected(importing.BAD_CODE, str(error)) from error
    except Exception as error:
        refused = importing.explained(error, _found[0].places)
        if refused.code != "CORRUPT_FILE":
            raise refused from error
        text = f"{LOADS} of code/{script.name} fails: {type(error).__name__}: {error}"
        raise ModelRejected(importing.BAD_CODE, text) from error


def describe(_loaded: Any) -> Signature:
    """Return rows of anything: the script alone knows what it takes."""
    return any_rows.OPEN


class Model(BaseModel):
    """A script that answers bodies as they are, and batches of instances as JSON."""

    def __init__(self, loaded: Contract, _signature: Signature) -> None:
        self._contract = loaded

    def answer(self, batch: Batch, method: Method) -> Any:
        """Answer a body by a body, and instances by a prediction for each.

        Raises:
            InputMismatch: the body or its type can't be read.
        """
        del method
        try:
            if isinstance(batch, NamedTensors):
                return raw_bodies.answered(
                    rows.plain(self._contract.answer(raw_bodies.unpacked(batch)))
                )
            body = json.dumps({"instances": rows.as_json(batch)}).encode()
            return rows.listed(_read(self._contract.answer(Asked(body, JSON, JSON))))
        except RequestError as error:
            raise InputMismatch(str(error), field=error.field) from error


def _read(given: Any) -> Any:
    """Return the predictions of what the script wrote as JSON, or of what it gave as it is."""
    if not isinstance(given, Written):
        return given
    try:
        told = json.loads(given.body)
    except ValueError as error:
        raise InputMismatch(
            f"The script answers with {given.kind}, which isn't JSON: ask "
            "/endpoints/MODEL/invocations, which hands its bodies on as they are."
        ) from error
    return told.get("predictions", told) if isinstance(told, dict) else told
