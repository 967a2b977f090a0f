"""Serves compiled models: programs of NumPy operations."""

from typing import Any

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.instances import inputs
from modelmount_compiler.instances.batches import Batch
from modelmount_compiler.program import Program
from modelmount_compiler.signature import Method, Signature


class ProgramModel(Model):
    """A compiled program behind the interface of a model.

    It answers every call. The record of its compilation says which calls it should get: see
    `modelmount_compiler.compilation.MethodProof`.
    """

    def __init__(self, program: Program, signature: Signature) -> None:
        self._program = program
        self._signature = signature

    def answer(self, batch: Batch, method: Method) -> Any:
        """Run the program.

        Raises:
            InputMismatch: the instances don't fit the model.
        """
        inputs.check_method(method, self._signature)
        instances = inputs.for_program(batch, self._signature)
        try:
            return self._program.run(method, instances)
        except (ValueError, TypeError, OverflowError) as error:
            raise InputMismatch(
                f"The model refused the input: {error}", field="$.instances"
            ) from error
