"""The interface of a loaded model, which the cache holds and the service calls."""

from abc import ABC, abstractmethod
from typing import Any

from modelmount_compiler.instances import outputs
from modelmount_compiler.instances.batches import Batch
from modelmount_compiler.signature import Method


class Model(ABC):
    """A loaded model that answers batches of instances."""

    @abstractmethod
    def answer(self, batch: Batch, method: Method) -> Any:
        """Call one method on n instances.

        Returns:
            an array of shape (n, …), or a list of such arrays, one for each output.

        Raises:
            InputMismatch: the instances don't fit the model, or the model refuses them.
        """

    def attempt(self, batch: Batch, method: Method) -> Any:
        """Answer likewise, but leave errors as they come: nothing looks for the value at fault."""
        return self.answer(batch, method)

    def infer(self, batch: Batch, method: Method) -> list[Any]:
        """Call one method on n instances, and return n JSON-ready items."""
        return outputs.rows(self.answer(batch, method))
