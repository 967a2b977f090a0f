"""Answers batches of instances by an ONNX Runtime session."""

import time
from collections.abc import Sequence
from typing import Any

import onnxruntime as ort
from numpy.typing import NDArray

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks.model import Model as BaseModel
from modelmount_compiler.frameworks.onnx import answers, bounds, feeds, methods, values
from modelmount_compiler.frameworks.onnx.description import nodes
from modelmount_compiler.frameworks.onnx.records import Column
from modelmount_compiler.frameworks.onnx.session import Session
from modelmount_compiler.instances import inputs
from modelmount_compiler.instances.batches import Batch, NamedTensors
from modelmount_compiler.signature import Method, Signature


class Model(BaseModel):
    """A session that answers batches of instances, or named tensors as they are.

    Attributes:
        classes: labels in the order of `predict_proba`; None until an answer has named them.
    """

    def __init__(self, loaded: ort.InferenceSession, signature: Signature) -> None:
        self._session = Session(loaded)
        self._signature = signature
        # Records from before this field are of graphs that answer batches.
        self._tensors = signature.tensors or nodes.candidate(nodes.read(loaded, set()))
        self._outputs = methods.outputs(self._tensors)
        self._widths = methods.widths(self._tensors)
        self.classes: list[Any] | None = signature.classes

    def answer(self, batch: Batch, method: Method) -> Any:
        """Run the session for the outputs that belong to the method.

        Raises:
            InputMismatch: the instances don't fit the model, or the session refuses them.
        """
        if isinstance(batch, NamedTensors):
            return self._answer_tensors(batch)
        inputs.check_method(method, self._signature)
        given = feeds.columns(batch, self._signature, self._tensors)
        if self._tensors.runs == "batch":
            try:
                return self._together(given, method)
            except values.Ragged:  # rows that differ in length are asked one by one
                pass
        return self._each(given, len(batch), method)

    def _together(self, given: dict[str, Column], method: Method) -> Any:
        """Answer all instances in one run."""
        arrays = feeds.together(self._tensors, given)
        rows = len(next(iter(arrays.values())))
        names = self._outputs[method]
        if rows > 1:
            bounds.check_answer(rows, self._width(arrays, method))
        found = self._run(names, arrays)
        self._widths[method] = max(sum(map(answers.size, found)) // max(rows, 1), 1)
        self._name_classes(method, found[0])
        return answers.of_batch(rows, names, found, self.classes)

    def _width(self, arrays: dict[str, NDArray[Any]], method: Method) -> int:
        """Return how many numbers answer one instance: by the graph, or by asking for one."""
        if method not in self._widths:
            first = {name: array[:1] for name, array in arrays.items()}
            found = self._run(self._outputs[method], first)
            self._widths[method] = max(sum(map(answers.size, found)), 1)
        return self._widths[method]

    def _each(self, given: dict[str, Column], rows: int, method: Method) -> Any:
        """Answer instance by instance."""
        names = self._outputs[method]
        by_name = {tensor.name: tensor for tensor in self._tensors.outputs}
        axes = [by_name[name].batch_axis for name in names]
        started, numbers, found = time.monotonic(), 0, []
        for i in range(rows):
            output = self._run(names, feeds.alone(self._tensors, given, i))
            self._name_classes(method, output[0])
            numbers += sum(map(answers.size, output))
            bounds.check_all(i, numbers, time.monotonic() - started)
            found.append(
                [answers.without_axis(one, axis) for one, axis in zip(output, axes, strict=True)]
            )
        is_whole = self._tensors.runs == "whole"
        return answers.of_rows(names, found, self.classes, is_whole=is_whole)

    def _run(self, names: Sequence[str], given: dict[str, Any]) -> list[Any]:
        return self._session.run(list(names), given)

    def _answer_tensors(self, batch: NamedTensors) -> list[Any]:
        """Run the graph on named tensors; row by row where it is run so."""
        known = {tensor.name: tensor for tensor in self._tensors.outputs}
        unknown = [name for name in batch.outputs if name not in known]
        if unknown:
            told = f"There is no output {unknown[0]!r:.200}; use {', '.join(known)}."
            raise InputMismatch(told, field="$.outputs")
        parts = [
            [answers.as_tensor(one, self.classes) for one in self._run(batch.outputs, arrays)]
            for arrays in feeds.named(self._tensors, batch)
        ]
        axes = [known[name].batch_axis for name in batch.outputs]
        return [
            answers.joined(some, axis)
            for some, axis in zip(zip(*parts, strict=True), axes, strict=True)
        ]

    def _name_classes(self, method: Method, answer: Any) -> None:
        if method == "predict_proba" and isinstance(answer, list) and answer:
            self.classes = self.classes or sorted(answer[0])
