"""ONNX models, run by ONNX Runtime as they are; `onnx_graph` says what becomes of their inputs."""

import dataclasses
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as faults

from modelmount_compiler.errors import InputMismatch, ModelRejected
from modelmount_compiler.frameworks import Model as AnyModel
from modelmount_compiler.frameworks import onnx_signature
from modelmount_compiler.instances import inputs
from modelmount_compiler.instances.batches import Batch
from modelmount_compiler.signature import Method, Signature

PACKAGES = ("onnxruntime", "numpy")

# Lambda gives a function one vCPU for so much memory:
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
MB_PER_CPU = 1769
MEMORY_VARIABLE = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
FATAL_ONLY = 4  # every other fault is told by an exception
WHOLE_BOUND = 2.0**53  # beyond it doubles leave out whole numbers
REFUSALS = (faults.Fail, faults.InvalidArgument, faults.RuntimeException)


def load(path: Path, fmt: str) -> ort.InferenceSession:
    """Load the graph; weights in files of their own must lie in its folder, or below.

    Raises:
        ModelRejected: ONNX Runtime can't read or run it.
    """
    ort.disable_telemetry_events()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = FATAL_ONLY
    try:
        return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # a class for each status, with no base of their own
        raise ModelRejected(
            "CORRUPT_FILE",
            f"ONNX Runtime {ort.__version__} can't load it as {fmt}: {str(error)[-1000:]}",
        ) from error


def threads() -> int:
    """Return how many whole processors this function has; 1 where Lambda doesn't say."""
    return max(1, int(os.environ.get(MEMORY_VARIABLE, "0")) // MB_PER_CPU)


def describe(loaded: ort.InferenceSession) -> Signature:
    """Read the signature off the graph, and try it on two rows, where it takes numbers alone.

    Raises:
        ModelRejected: its inputs or outputs aren't mapped, or it doesn't answer row by row.
    """
    signature = onnx_signature.signature(loaded)
    if signature.dtype == "any" or signature.n_features is None:
        return signature
    row = [0] * signature.n_features
    model = Model(loaded, signature)
    try:
        for method in signature.methods:
            if len(model.infer([row, row], method)) != 2:
                raise InputMismatch(f"two rows don't have two answers to {method}")
    except InputMismatch as error:
        raise ModelRejected(
            "NOT_A_MODEL",
            f"It doesn't answer two rows of zeros: {error} Export it with dynamic_axes.",
        ) from error
    return dataclasses.replace(signature, classes=model.classes)


class Model(AnyModel):
    """A session behind the wire contract.

    Attributes:
        classes: labels in the order of `predict_proba`, where an answer has told them.
    """

    def __init__(self, loaded: ort.InferenceSession, signature: Signature) -> None:
        self._session = loaded
        self._signature = signature
        self._nodes = loaded.get_inputs()
        self._outputs = onnx_signature.outputs(loaded)
        self.classes: list[Any] | None = signature.classes

    def answer(self, batch: Batch, method: Method) -> Any:  # noqa: ANN401 (see `modelmount_compiler.instances.outputs`)
        """Answer each instance by the session's output for the method.

        Raises:
            InputMismatch: the instances aren't what the model takes, or it says so itself.
        """
        inputs.check_method(method, self._signature)
        feeds = self._feeds(batch)
        try:
            (answer,) = self._session.run([self._outputs[method]], feeds)
        except REFUSALS as error:
            raise InputMismatch(
                f"The model refused the input: {error}", field="$.instances"
            ) from error
        return self._plain(answer)

    def _plain(self, answer: Any) -> Any:  # noqa: ANN401 (an array, or a list of maps)
        if isinstance(answer, list):
            if self.classes is None:
                self.classes = sorted(answer[0])
            return np.array([[shares[label] for label in self.classes] for shares in answer])
        return answer[:, 0] if answer.ndim == 2 and answer.shape[1] == 1 else answer

    def _feeds(self, batch: Batch) -> dict[str, NDArray[Any]]:
        values = inputs.plain(batch, self._signature)
        if self._signature.input == "frame":
            columns = zip(self._nodes, zip(*values, strict=True), strict=True)
            return {node.name: _array(node, list(column)) for node, column in columns}
        return {self._nodes[0].name: _array(self._nodes[0], values)}


def _array(node: ort.NodeArg, values: Any) -> NDArray[Any]:  # noqa: ANN401 (lists or an array)
    """Return values as an input's dtype and rank; raises `InputMismatch`."""
    if node.type == onnx_signature.STRINGS:
        array = _strings(node, values)
    elif node.type in onnx_signature.FLOATS:
        with np.errstate(over="ignore"):
            array = _doubles(node, values).astype(onnx_signature.FLOATS[node.type])
    else:
        array = _whole(node, _doubles(node, values))
    return array.reshape(-1, 1) if len(node.shape) == 2 and array.ndim == 1 else array


def _strings(node: ort.NodeArg, values: list[Any]) -> NDArray[Any]:
    array = np.array(values, dtype=object)
    if not all(isinstance(value, str) for value in array.flat):
        raise _mismatch(node, "strings")
    return array


def _doubles(node: ort.NodeArg, values: Any) -> NDArray[np.float64]:  # noqa: ANN401 (as above)
    if isinstance(values, list) and not all(isinstance(v, int | float | None) for v in values):
        raise _mismatch(node, "numbers")
    try:
        return np.asarray(values, dtype=np.float64)
    except OverflowError as error:
        raise _mismatch(node, "numbers that fit into a double") from error


def _whole(node: ort.NodeArg, values: NDArray[np.float64]) -> NDArray[Any]:
    dtype = np.dtype(onnx_signature.WHOLE[node.type])
    bounds = (0, 1) if dtype == np.bool_ else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    fits = (values == np.trunc(values)) & (bounds[0] <= values) & (values <= bounds[1])
    if not (fits & (abs(values) <= WHOLE_BOUND)).all():
        raise _mismatch(node, f"whole numbers of type {dtype.name}")
    return values.astype(dtype)


def _mismatch(node: ort.NodeArg, what: str) -> InputMismatch:
    return InputMismatch(f"The input {node.name!r} takes {what}.", field="$.instances")
