"""The ONNX runtime: runs models by ONNX Runtime, without compiling them."""

import dataclasses
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as faults

from modelmount_compiler.error_texts import without_traces
from modelmount_compiler.errors import InputMismatch, ModelRejected
from modelmount_compiler.frameworks import onnx_bounds, onnx_signature, onnx_weights
from modelmount_compiler.frameworks.model import Model as BaseModel
from modelmount_compiler.frameworks.onnx_tensors import tensor
from modelmount_compiler.instances import inputs
from modelmount_compiler.instances.batches import Batch, Table
from modelmount_compiler.signature import Method, Signature

PACKAGES = ("onnxruntime", "numpy")

# Lambda gives a function one vCPU for this much memory:
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
MB_PER_CPU = 1769
MEMORY_VARIABLE = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
FATAL_ONLY = 4  # all other faults raise an exception
REFUSALS = (faults.Fail, faults.InvalidArgument, faults.RuntimeException)


def load(path: Path, fmt: str) -> ort.InferenceSession:
    """Load a graph; weights in separate files must lie in its folder, or below.

    Raises:
        ModelRejected: ONNX Runtime can't read or run it.
    """
    ort.disable_telemetry_events()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = FATAL_ONLY
    onnx_bounds.bound_memory(options)
    weights = onnx_weights.read(path)
    if weights:
        data = list(weights.values())  # which ONNX Runtime copies
        lengths = [len(each) for each in data]
        options.add_external_initializers_from_files_in_memory(list(weights), data, lengths)
    try:
        return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # one class for each status, without a common base
        raise ModelRejected(
            "CORRUPT_FILE",
            f"ONNX Runtime {ort.__version__} can't load it as {fmt}: {error}",
        ) from error


def threads() -> int:
    """Return the number of whole processors of this function; 1 outside of Lambda."""
    return max(1, int(os.environ.get(MEMORY_VARIABLE, "0")) // MB_PER_CPU)


def describe(loaded: ort.InferenceSession) -> Signature:
    """Read the signature from the graph; a model of numbers is also called on two rows.

    Raises:
        ModelRejected: its inputs or outputs aren't supported, or it doesn't answer row by row.
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


class Model(BaseModel):
    """An ONNX Runtime session that answers batches of instances.

    Attributes:
        classes: labels in the order of `predict_proba`; None until an answer has named them.
    """

    def __init__(self, loaded: ort.InferenceSession, signature: Signature) -> None:
        self._session = loaded
        self._signature = signature
        self._nodes = loaded.get_inputs()
        self._outputs = onnx_signature.outputs(loaded)
        self.classes: list[Any] | None = signature.classes
        self._widths = onnx_signature.widths(loaded)

    def answer(self, batch: Batch, method: Method) -> Any:
        """Run the session for the output that belongs to the method.

        Raises:
            InputMismatch: the instances don't fit the model, or the session refuses them.
        """
        inputs.check_method(method, self._signature)
        rows = len(batch)
        if rows > 1:
            onnx_bounds.check_answer(rows, self._width(batch, method))
        answer = self._run(batch, method)
        if rows and isinstance(answer, np.ndarray):
            self._widths[method] = max(answer.size // rows, 1)
        return self._as_array(answer)

    def _run(self, batch: Batch, method: Method) -> Any:  # an array, or a list of maps
        feeds = self._feeds(batch)
        try:
            return onnx_bounds.RUNS.run(self._session, self._outputs[method], feeds)
        except REFUSALS as error:
            reason = without_traces(str(error))
            raise InputMismatch(
                f"The model refused the input: {reason}", field="$.instances"
            ) from error

    def _width(self, batch: Batch, method: Method) -> int:
        """Return how many numbers answer one instance: by the graph, or by asking for one."""
        if method not in self._widths:
            first = Table(batch.columns, batch.rows[:1]) if isinstance(batch, Table) else batch[:1]
            answer = self._run(first, method)
            self._widths[method] = answer.size if isinstance(answer, np.ndarray) else 1
        return self._widths[method]

    def _as_array(self, answer: Any) -> Any:  # an array, or a list of maps
        if isinstance(answer, list):
            if self.classes is None:
                self.classes = sorted(answer[0])
            return np.array([[shares[label] for label in self.classes] for shares in answer])
        return answer[:, 0] if answer.ndim == 2 and answer.shape[1] == 1 else answer

    def _feeds(self, batch: Batch) -> dict[str, NDArray[Any]]:
        values = inputs.for_program(batch, self._signature)
        if self._signature.input == "frame":
            columns = zip(self._nodes, zip(*values, strict=True), strict=True)
            return {node.name: tensor(node, list(column)) for node, column in columns}
        return {self._nodes[0].name: tensor(self._nodes[0], values)}
