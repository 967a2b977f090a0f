"""Notes what a model answers while it is asked: the datatype and the shape of each output."""

from typing import Any

from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.instances import datatypes
from modelmount_compiler.instances.batches import Batch
from modelmount_compiler.signature import Method
from modelmount_compiler.tensors import Tensor

Form = tuple[str, tuple[int, ...]]  # a datatype, and the shape of an answer to one instance


class ObservedModel(Model):
    """Answers as another model, and notes the form of each answer."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._forms: dict[str, Form] = {}

    def answer(self, batch: Batch, method: Method) -> Any:
        """Answer as the model does; raises what it raises."""
        result = self._model.answer(batch, method)
        self._note(result, method)
        return result

    def outputs(self) -> tuple[Tensor, ...]:
        """Return the outputs that were seen, with -1 for what differs from answer to answer."""
        seen = self._forms.items()
        return tuple(Tensor(name, datatype, (-1, *rest)) for name, (datatype, rest) in seen)

    def _note(self, result: Any, method: Method) -> None:
        is_several = isinstance(result, list) and bool(result) and hasattr(result[0], "dtype")
        parts = {f"{method}_{i}": r for i, r in enumerate(result)} if is_several else {}
        for name, part in (parts or {method: result}).items():
            datatype, array = datatypes.of(part)
            form = datatype, array.shape[1:]
            self._forms[name] = _common(self._forms.get(name, form), form)


def _common(one: Form, other: Form) -> Form:
    """Return the form that covers both: texts hold everything, -1 is any length."""
    datatype = one[0] if one[0] == other[0] else _wider(one[0], other[0])
    if len(one[1]) != len(other[1]):
        return datatype, (-1,) * max(len(one[1]), len(other[1]))
    lengths = zip(one[1], other[1], strict=True)
    return datatype, tuple(a if a == b else -1 for a, b in lengths)


def _wider(one: str, other: str) -> str:
    numbers = {"FP16", "FP32", "FP64", "INT8", "INT16", "INT32", "INT64"}
    return "FP64" if {one, other} <= numbers else datatypes.BYTES
