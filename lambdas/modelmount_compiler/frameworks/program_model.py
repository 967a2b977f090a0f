"""Compiled models: programs of NumPy operations."""

from pathlib import Path
from typing import Any

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks import Model as AnyModel
from modelmount_compiler.instances import inputs
from modelmount_compiler.instances.batches import Batch
from modelmount_compiler.program import Program, file
from modelmount_compiler.signature import Method, Signature


def load(path: Path) -> Program:
    """Map the program; raises `ValueError` where the file holds none."""
    return file.read(path)


class Model(AnyModel):
    """A program behind the wire contract.

    It answers whatever it is asked; for which calls it was proven, and is faster than the original,
    its compilation's record says (`modelmount_compiler.compilation.MethodProof`).
    """

    def __init__(self, program: Program, signature: Signature) -> None:
        self._program = program
        self._signature = signature

    def answer(self, batch: Batch, method: Method) -> Any:  # noqa: ANN401 (see `modelmount_compiler.instances.outputs`)
        """Answer by the program.

        Raises:
            InputMismatch: the instances aren't what the model takes.
        """
        inputs.check_method(method, self._signature)
        instances = inputs.plain(batch, self._signature)
        try:
            return self._program.run(method, instances)
        except (ValueError, TypeError, OverflowError) as error:
            raise InputMismatch(
                f"The model refused the input: {error}", field="$.instances"
            ) from error
