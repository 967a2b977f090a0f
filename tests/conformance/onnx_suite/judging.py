"""Uploads a model of the suite in process, asks it both ways, and compares the answers.

An upload is what the preparer's child does with a file: scan, load, describe, and ask. Then each
example is asked as instances, as `POST /inference` takes them, and as tensors, as V2 takes them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks import onnx as runtime
from modelmount_compiler.instances.batches import NamedTensors
from modelmount_compiler.signature import Signature
from modelmount_compiler.tensors import Tensors
from preparation import describe
from tests.conformance.onnx_suite.cases import Case, Example

Array = NDArray[Any]
RIGHT, REFUSED, UNASKABLE, WRONG, OTHER = (
    "right",
    "refused at upload",
    "refused when asked",
    "wrong",
    "ONNX Runtime's own answer differs from the suite's, or it refuses the example",
)
FAULTS = (WRONG, UNASKABLE)


@dataclass(frozen=True)
class Outcome:
    """What became of a case.

    Attributes:
        runs: what one run answers, as the signature says; empty for a refused model.
        reason: code and text of a refusal, or the place of a wrong answer.
    """

    name: str
    variant: str
    verdict: str
    runs: str = ""
    reason: str = ""


def judge(case: Case, folder: Path) -> Outcome:
    """Upload and ask one case."""
    path = folder / "model.onnx"
    path.write_bytes(case.model.SerializeToString())
    try:
        signature = describe.describe(path, "onnx").signature
    except Exception as error:
        code, reason = describe.refusal_of(error, "onnx")
        return Outcome(case.name, case.variant, REFUSED, "", f"{code}: {reason}")
    tensors = signature.tensors
    assert tensors is not None
    loaded = runtime.load(path, "onnx")
    model = runtime.Model(loaded, signature)
    try:
        fault = _fault(model, loaded, signature, case)
    except InputMismatch as error:
        by_itself = any(_reference(loaded, example) is None for example in case.examples)
        verdict = OTHER if by_itself else UNASKABLE
        return Outcome(case.name, case.variant, verdict, tensors.runs, str(error))
    verdict, reason = fault or (RIGHT, "")
    return Outcome(case.name, case.variant, verdict, tensors.runs, reason)


def _fault(
    model: runtime.Model, loaded: Any, signature: Signature, case: Case
) -> tuple[str, str] | None:
    """Return how an answer is wrong, or None; raises `InputMismatch` where one is refused."""
    tensors = signature.tensors
    assert tensors is not None
    for example in case.examples:
        for way, ask in (("instances", _by_instances), ("tensors", _by_tensors)):
            found = ask(model, tensors, example)
            if found is None or _is_equal(found, example.outputs, case):
                continue
            reference = _reference(loaded, example)
            if reference is None or not _is_equal(reference, example.outputs, case):
                return OTHER, f"by {way}"
            return WRONG, f"by {way}"
    return None


def _reference(loaded: Any, example: Example) -> list[Any] | None:
    try:
        outputs: list[Any] = loaded.run(None, example.inputs)
    except Exception:
        return None
    return outputs


def _by_tensors(model: runtime.Model, tensors: Tensors, example: Example) -> list[Any] | None:
    """Ask as V2 does; None where it has no form for an input or an output."""
    if any(tensor.form != "tensor" for tensor in (*tensors.inputs, *tensors.outputs)):
        return None
    if any(value is None for value in example.inputs.values()):
        return None
    arrays = {name: _plain(array) for name, array in example.inputs.items()}
    names = tuple(tensor.name for tensor in tensors.outputs)
    found: list[Any] = model.answer(NamedTensors(arrays, names), "predict")
    return found


def _by_instances(model: runtime.Model, tensors: Tensors, example: Example) -> list[Any] | None:
    """Ask as JSON does, and put the predictions together again; None for what JSON hasn't."""
    values = {name: _plain(value) for name, value in example.inputs.items()}
    if any(_is_beyond_json(value) for value in values.values()):
        return None
    found = model.infer(_instances(tensors, values), "predict")
    names = [tensor.name for tensor in tensors.outputs]
    rows = found if len(names) > 1 else [{names[0]: item} for item in found]
    if tensors.runs == "whole":
        return [rows[0][name] for name in names]
    return [
        [row[tensor.name] for row in rows] if tensor.batch_axis == 0 else _on(tensor, rows)
        for tensor in tensors.outputs
    ]


def _on(tensor: Any, rows: list[Any]) -> Any:
    if tensor.batch_axis is None:
        return rows[0][tensor.name]
    return np.stack([np.asarray(row[tensor.name]) for row in rows], tensor.batch_axis)


def _instances(tensors: Tensors, values: dict[str, Any]) -> list[Any]:
    """Split inputs into instances."""
    if tensors.runs == "whole":
        rows = [{name: _json(value) for name, value in values.items()}]
    else:
        axes = {tensor.name: tensor.batch_axis for tensor in tensors.inputs}
        first = next(t for t in tensors.inputs if t.batch_axis is not None)
        count = values[first.name].shape[first.batch_axis or 0]
        rows = [
            {name: _json(_row(value, axes[name], i)) for name, value in values.items()}
            for i in range(count)
        ]
    return [next(iter(row.values())) for row in rows] if len(tensors.inputs) == 1 else rows


def _row(value: Any, axis: int | None, i: int) -> Any:
    return value if axis is None else np.take(value, i, axis)


def _json(value: Any) -> Any:
    if isinstance(value, list):
        return [_json(item) for item in value]
    if value is None:
        return None
    array = np.asarray(value)
    if array.dtype.kind == "f" and np.isnan(array).any():
        missing, array = np.isnan(array), array.astype(object)
        array[missing] = None
    return array.tolist()


def _plain(value: Any) -> Any:
    """Return arrays of dtypes that NumPy has itself."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if value is None:
        return None
    array = np.asarray(value)
    if array.dtype.name in ("bfloat16", "float32", "float16"):
        return array.astype(np.float32) if array.dtype.name == "bfloat16" else array
    return array.astype(object) if array.dtype.kind in "USO" else array


def _is_beyond_json(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_is_beyond_json, value))
    array = np.asarray(value)
    return array.dtype.kind == "f" and bool(np.isinf(array).any())


def _is_equal(found: Any, expected: Any, case: Case) -> bool:
    if isinstance(expected, list) and isinstance(found, list | tuple):
        return len(found) == len(expected) and all(
            _is_equal(one, other, case) for one, other in zip(found, expected, strict=True)
        )
    if expected is None or found is None:
        return found is expected
    wanted = np.asarray(_plain(expected))
    try:
        array = np.asarray(found, dtype=object if wanted.dtype == object else None)
    except ValueError:
        return False
    if array.size == wanted.size == 0:  # lists end at an axis without elements
        return True
    if array.size == wanted.size and array.shape != wanted.shape:
        # One value stands for a row of one, and an axis of length 1 may be gone.
        squeezed = tuple(n for n in array.shape if n != 1) == tuple(
            n for n in wanted.shape if n != 1
        )
        array = array.reshape(wanted.shape) if squeezed else array
    if array.shape != wanted.shape:
        return False
    if wanted.dtype.kind in "biuO":
        return bool((array == wanted).all())
    rtol = max(case.rtol, 1e-2) if expected.dtype.name in ("bfloat16", "float16") else case.rtol
    return np.allclose(
        array.astype(np.float64),
        wanted.astype(np.float64),
        rtol=rtol,
        atol=case.atol,
        equal_nan=True,
    )
