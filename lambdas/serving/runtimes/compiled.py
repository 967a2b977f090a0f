"""Compiled models: programs of NumPy operations."""

from pathlib import Path
from typing import Any

from serving import inputs
from serving.batches import Batch
from serving.errors import SignatureMismatch
from serving.program import Program, file
from serving.runtimes import Model as AnyModel
from serving.signature import Method, Signature


def load(path: Path) -> Program:
    """Map the program; raises `ValueError` where the file holds none."""
    return file.read(path)


class Model(AnyModel):
    """A program behind the wire contract.

    It answers whatever it is asked; for which calls it was proven, and is faster than the original,
    its compilation's record says (`serving.manifest.MethodProof`).
    """

    def __init__(self, program: Program, signature: Signature) -> None:
        self._program = program
        self._signature = signature

    def answer(self, batch: Batch, method: Method) -> Any:  # noqa: ANN401 (see `serving.outputs`)
        """Answer by the program.

        Raises:
            SignatureMismatch: the instances aren't what the model takes.
        """
        inputs.check_method(method, self._signature)
        instances = inputs.plain(batch, self._signature)
        try:
            return self._program.run(method, instances)
        except (ValueError, TypeError, OverflowError) as error:
            raise SignatureMismatch(
                f"The model refused the input: {error}", field="$.instances"
            ) from error
