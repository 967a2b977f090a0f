"""The models of ONNX's own test suite, as they are and with a first axis of any length.

https://github.com/onnx/onnx/blob/main/docs/OnnxBackendTest.md. The package `onnx` makes those of
single operators, and has the files of the others. Nine large models would have to be downloaded,
and are left out.
"""

import functools
import itertools
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import onnx
from onnx import numpy_helper
from onnx.backend.test.loader import load_model_tests

KINDS = ("node", "simple", "pytorch-converted", "pytorch-operator")
Variant = Literal["as it is", "dynamic"]
VARIANTS: tuple[Variant, ...] = ("as it is", "dynamic")


@dataclass(frozen=True)
class Example:
    """Inputs of a model by name, and its outputs in order."""

    inputs: dict[str, Any]
    outputs: list[Any]


@dataclass(frozen=True)
class Case:
    """A model of the suite with its examples."""

    name: str
    variant: Variant
    model: onnx.ModelProto
    examples: list[Example]
    rtol: float
    atol: float


@functools.cache
def suite() -> list[Any]:
    """Return the suite's test cases."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [case for kind in KINDS for case in load_model_tests(kind=kind)]


def cases(variant: Variant, names: set[str] | None = None) -> Iterator[Case]:
    """Yield the cases in one variant; a model without tensor inputs has no dynamic one."""
    for test in suite():
        if names is not None and test.name not in names:
            continue
        model = test.model or onnx.load(Path(test.model_dir) / "model.onnx")
        takes = _inputs(model)
        if variant == "dynamic":
            made = _dynamic(model, takes)
            if made is None:
                continue
            model = made
        sets = test.data_sets or _from_files(Path(test.model_dir), model)
        examples = [
            Example(
                {value.name: _value(given) for value, given in zip(takes, inputs, strict=False)},
                [_value(given) for given in outputs],
            )
            for inputs, outputs in sets
        ]
        yield Case(test.name, variant, model, examples, test.rtol, test.atol)


def _value(given: Any) -> Any:
    """Return a value of an example as an array, a list of such, or None."""
    if isinstance(given, onnx.TensorProto):
        return numpy_helper.to_array(given)
    return [_value(item) for item in given] if isinstance(given, list | tuple) else given


def _inputs(model: onnx.ModelProto) -> list[onnx.ValueInfoProto]:
    constants = {tensor.name for tensor in model.graph.initializer}
    return [value for value in model.graph.input if value.name not in constants]


def _dynamic(model: onnx.ModelProto, takes: list[onnx.ValueInfoProto]) -> onnx.ModelProto | None:
    """Return the model with free first axes: equal lengths get one name, as an exporter does.

    The outputs keep their rank, and their first axis is free, too. None where no input has axes.
    """
    names = {value.name for value in takes}
    made = onnx.ModelProto()
    made.CopyFrom(model)
    changed = [
        _free(value)
        for value in itertools.chain(made.graph.input, made.graph.output)
        if value.name in names or value in made.graph.output
    ]
    del made.graph.value_info[:]
    return made if any(changed) else None


def _free(value: onnx.ValueInfoProto) -> bool:
    if not value.type.HasField("tensor_type") or not value.type.tensor_type.HasField("shape"):
        return False
    dims = value.type.tensor_type.shape.dim
    if not dims:
        return False
    length = dims[0].dim_value
    if dims[0].HasField("dim_value"):
        dims[0].dim_param = f"n{length}"
    return True


def _from_files(folder: Path, model: onnx.ModelProto) -> list[tuple[list[Any], list[Any]]]:
    takes, gives = model.graph.input, model.graph.output
    return [
        (_read(data, "input", list(takes)), _read(data, "output", list(gives)))
        for data in sorted(folder.glob("test_data_set_*"))
    ]


def _read(folder: Path, what: str, values: list[onnx.ValueInfoProto]) -> list[Any]:
    found: list[Any] = []
    for i in range(len(list(folder.glob(f"{what}_*.pb")))):
        data = (folder / f"{what}_{i}.pb").read_bytes()
        kind = values[i].type.WhichOneof("value")
        if kind == "sequence_type":
            found.append(numpy_helper.to_list(onnx.SequenceProto.FromString(data)))
        elif kind == "optional_type":
            found.append(numpy_helper.to_optional(onnx.OptionalProto.FromString(data)))
        else:
            found.append(numpy_helper.to_array(onnx.TensorProto.FromString(data)))
    return found
