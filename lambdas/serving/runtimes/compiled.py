"""Compiled models: programs of NumPy operations, and the original where that is the faster one."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from serving import inputs
from serving.batches import Batch
from serving.compilation import Compilation
from serving.errors import SignatureMismatch
from serving.program import Program, file
from serving.runtimes import Model as AnyModel
from serving.signature import Method, Signature


def load(path: Path) -> Program:
    """Map the program; raises `ValueError` where the file holds none."""
    return file.read(path)


class Model(AnyModel):
    """A program behind the wire contract.

    Args:
        program: answers what the compilation says it does.
        original: loads the model as it was uploaded; called once, when it is first needed.
    """

    def __init__(
        self,
        program: Program,
        signature: Signature,
        compilation: Compilation,
        original: Callable[[], AnyModel],
    ) -> None:
        self._program = program
        self._signature = signature
        self._proofs = {proof.method: proof for proof in compilation.methods}
        self._load_original = original
        self._original: AnyModel | None = None
        self._lock = threading.Lock()

    def answer(self, batch: Batch, method: Method) -> Any:  # noqa: ANN401 (see `serving.outputs`)
        """Answer by the program where it was proven, and is faster; else by the original.

        Raises:
            SignatureMismatch: the instances aren't what the model takes.
        """
        inputs.check_method(method, self._signature)
        proof = self._proofs.get(method)
        if proof is None or not proof.covers(len(batch)):
            return self._whole().answer(batch, method)
        instances = inputs.plain(batch, self._signature)
        try:
            return self._program.run(method, instances)
        except (ValueError, TypeError, OverflowError) as error:
            raise SignatureMismatch(
                f"The model refused the input: {error}", field="$.instances"
            ) from error

    def _whole(self) -> AnyModel:
        with self._lock:
            if self._original is None:
                self._original = self._load_original()
            return self._original
