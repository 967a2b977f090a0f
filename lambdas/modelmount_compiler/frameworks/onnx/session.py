"""Runs a session on arrays, by name."""

import ctypes
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from modelmount_compiler.error_texts import without_traces
from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks.onnx import bounds, values

BFLOAT16 = "tensor(bfloat16)"
BFLOAT16_NUMBER = 16  # in TensorProto.DataType
Feeds = dict[str, Any]  # arrays; lists of arrays, objects or None where the graph takes such


class Session:
    """An ONNX Runtime session that takes and gives bfloat16, too."""

    def __init__(self, loaded: ort.InferenceSession) -> None:
        self._loaded = loaded
        self._halves = {node.name for node in loaded.get_inputs() if node.type == BFLOAT16}
        gives = any(node.type == BFLOAT16 for node in loaded.get_outputs())
        self._is_half = bool(self._halves) or gives
        self._with_integer_keys = {
            node.name for node in loaded.get_inputs() if "map(int64" in node.type
        }

    def run(self, outputs: list[str], feeds: Feeds) -> list[Any]:
        """Return the outputs with these names: arrays, or what else the graph gives.

        Raises:
            InputMismatch: the graph refuses the input, or takes too long.
        """
        run = self._run_half if self._is_half else self._run
        for name in self._with_integer_keys & feeds.keys():
            feeds = feeds | {name: _with_integer_keys(feeds[name], name)}
        try:
            return bounds.RUNS.run(lambda options: run(outputs, feeds, options))
        except (InputMismatch, MemoryError):
            raise
        except Exception as error:  # one class for each status, without a common base
            reason = without_traces(str(error))
            raise InputMismatch(
                f"The model refused the input: {reason}", field="$.instances"
            ) from error

    def _run(self, outputs: list[str], feeds: Feeds, options: ort.RunOptions) -> list[Any]:
        found: list[Any] = self._loaded.run(outputs, feeds, options)
        return found

    def _run_half(self, outputs: list[str], feeds: Feeds, options: ort.RunOptions) -> list[Any]:
        given = {name: self._ort_value(name, value) for name, value in feeds.items()}
        found = self._loaded.run_with_ort_values(outputs, given, options)
        return [_from_ort_value(value) for value in found]

    def _ort_value(self, name: str, value: Any) -> ort.OrtValue:
        if name in self._halves:
            return ort.OrtValue.ortvalue_from_numpy_with_onnx_type(value, BFLOAT16_NUMBER)
        return ort.OrtValue.ortvalue_from_numpy(value)


def _from_ort_value(value: ort.OrtValue) -> NDArray[Any]:
    if value.data_type() != BFLOAT16:
        plain: NDArray[Any] = value.numpy()
        return plain
    shape = tuple(value.shape())
    count = int(np.prod(shape))
    if not count:
        return np.zeros(shape, np.float32)
    memory = (ctypes.c_uint16 * count).from_address(value.data_ptr())
    return values.from_bfloat16(np.array(memory, dtype=np.uint16).reshape(shape))


def _with_integer_keys(value: Any, name: str) -> Any:
    """Return objects with whole numbers for keys, which JSON writes as texts."""
    if isinstance(value, list):
        return [_with_integer_keys(item, name) for item in value]
    try:
        return {int(key): item for key, item in value.items()}
    except ValueError as error:
        text = f"The keys of the input {name!r} are whole numbers, written as texts."
        raise InputMismatch(text, field="$.instances") from error
