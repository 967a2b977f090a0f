"""Uploads a graph in process, and serves it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import ModelProto

from modelmount_compiler.errors import InputMismatch, ModelRejected
from modelmount_compiler.frameworks import onnx as runtime
from modelmount_compiler.instances.batches import NamedTensors
from modelmount_compiler.signature import Signature
from modelmount_compiler.tensors import Tensors
from preparation import describe

Array = NDArray[Any]


class Served:
    """A model as the preparer described it."""

    def __init__(self, folder: Path, model: ModelProto | bytes) -> None:
        path = folder / "model.onnx"
        path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
        self.signature: Signature = describe.describe(path, "onnx").signature
        self.loaded = runtime.load(path, "onnx")
        self.model = runtime.Model(self.loaded, self.signature)

    @property
    def tensors(self) -> Tensors:
        """Return the graph's own inputs and outputs."""
        assert self.signature.tensors is not None
        return self.signature.tensors

    def ask(self, *instances: Any, method: Any = "predict") -> list[Any]:
        """Return the predictions."""
        return self.model.infer(list(instances), method)

    def tensors_of(self, *outputs: str, **arrays: Array) -> list[Array]:
        """Return outputs for named tensors."""
        found: list[Array] = self.model.answer(NamedTensors(arrays, outputs), "predict")
        return found

    def refusal(self, *instances: Any) -> InputMismatch:
        """Return the refusal of instances."""
        with pytest.raises(InputMismatch) as error:
            self.ask(*instances)
        return error.value

    def own(self, **arrays: Array) -> list[Any]:
        """Return what ONNX Runtime itself gives."""
        found: list[Any] = self.loaded.run(None, arrays)
        return found


def refused(folder: Path, model: ModelProto | bytes) -> ModelRejected:
    """Return the refusal of an upload."""
    with pytest.raises(ModelRejected) as error:
        Served(folder, model)
    return error.value


def floats(*shape: int, seed: int = 0) -> Array:
    """Return drawn float32."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)
