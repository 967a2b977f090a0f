"""Serves compiled models: programs of NumPy operations."""

import time
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
        begun = time.monotonic()
        try:
            return self._program.run(method, inputs.for_program(batch, self._signature))
        except InputMismatch:
            raise
        except Exception as error:
            raise self._explained(error, batch, method, time.monotonic() - begun) from error

    def _explained(
        self, error: Exception, batch: Batch, method: Method, seconds: float
    ) -> Exception:
        """Return the refusal that an error means; its proof shows that the program answers."""
        from modelmount_compiler.frameworks import refusals  # noqa: PLC0415 (a cold start does without)

        def ask(some: Batch) -> Any:
            return self._program.run(method, inputs.for_program(some, self._signature))

        return refusals.explained(
            error, batch, self._signature, ask, seconds=seconds, is_proven=True
        )
