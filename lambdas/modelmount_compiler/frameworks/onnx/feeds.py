"""Makes the inputs of a run from instances."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks.onnx import records, shapes, values
from modelmount_compiler.frameworks.onnx.records import Column
from modelmount_compiler.frameworks.onnx.shapes import FREE
from modelmount_compiler.instances import inputs as instance_inputs
from modelmount_compiler.instances.batches import Batch, NamedTensors
from modelmount_compiler.signature import Signature
from modelmount_compiler.tensors import Tensor, Tensors

Array = NDArray[Any]


def columns(batch: Batch, signature: Signature, tensors: Tensors) -> dict[str, Column]:
    """Return the n values of each input.

    Raises:
        InputMismatch: the instances aren't of the signature's form.
    """
    names = [tensor.name for tensor in tensors.inputs]
    if signature.input == "tensors":
        return records.by_name(batch, tensors)
    found = instance_inputs.for_program(batch, signature)
    if signature.input == "frame":
        return dict(zip(names, zip(*found, strict=True), strict=True))
    return {names[0]: found}


def together(tensors: Tensors, given: dict[str, Column]) -> dict[str, Array]:
    """Return the input of one run for n instances, along axis 0.

    Raises:
        InputMismatch: a value isn't of its input's type or shape.
        values.Ragged: instances differ in shape.
    """
    found = {}
    for tensor in tensors.inputs:
        within = "" if len(tensors.inputs) == 1 else f".{tensor.name}"
        column = given[tensor.name]
        array = values.to_array(column, tensor.datatype, tensor.name, "instances", within)
        found[tensor.name] = _shaped(tensor, array, f"instances[0]{within}")
    shapes.check_symbols(tensors, found, "instances")
    return found


def alone(tensors: Tensors, given: dict[str, Column], i: int) -> dict[str, Any]:
    """Return the input of one run for the instance `i`; raises `InputMismatch`."""
    path = f"instances[{i}]"
    found = {}
    for tensor in tensors.inputs:
        value = given[tensor.name][i]
        if value is records.ABSENT or (tensor.is_optional and value is None):
            continue
        where = path if len(tensors.inputs) == 1 else f"{path}.{tensor.name}"
        found[tensor.name] = _one(tensor, value, where)
    shapes.check_symbols(tensors, found, path)
    return found


def named(tensors: Tensors, batch: NamedTensors) -> list[dict[str, Any]]:
    """Return the inputs of the runs that tensors by name need; raises `InputMismatch`."""
    arrays = dict(batch.arrays)
    if len(arrays) == len(tensors.inputs) == 1:  # its name can't be meant otherwise
        arrays = {tensors.inputs[0].name: next(iter(arrays.values()))}
    records.check_names(tensors, arrays, "The request")
    found = {
        tensor.name: _named(tensor, arrays[tensor.name], free=tensors.runs == "row")
        for tensor in tensors.inputs
        if tensor.name in arrays
    }
    shapes.check_symbols(tensors, found, "inputs")
    return _by_row(tensors, found) if tensors.runs == "row" else [found]


def _named(tensor: Tensor, array: Array, *, free: bool) -> Array:
    """Return an array of the tensor's type and shape; its batch axis may be of any length."""
    if tensor.form != "tensor":
        raise InputMismatch(
            f"The input {tensor.name!r} is a {tensor.form}, which isn't a tensor: send instances "
            "to /inference.",
            field="$.inputs",
        )
    converted = values.to_array(array, tensor.datatype, tensor.name, "inputs")
    wanted = tensor.shape
    if free and wanted is not None and tensor.batch_axis is not None:
        wanted = tuple(FREE if i == tensor.batch_axis else n for i, n in enumerate(wanted))
    shapes.check_shape(tensor, wanted, converted.shape, f"The input {tensor.name!r}")
    return converted


def _by_row(tensors: Tensors, arrays: dict[str, Array]) -> list[dict[str, Any]]:
    """Split arrays along their batch axes."""
    axes = {
        tensor.name: tensor.batch_axis
        for tensor in tensors.inputs
        if tensor.batch_axis is not None and tensor.name in arrays
    }
    lengths = {name: arrays[name].shape[axis] for name, axis in axes.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name!r} has {length}" for name, length in lengths.items())
        text = f"The inputs differ in how many instances they hold: {told}."
        raise InputMismatch(text, field="$.inputs")
    rows = next(iter(lengths.values()), 1)
    return [
        {
            name: np.take(array, [i], axes[name]) if name in axes else array
            for name, array in arrays.items()
        }
        for i in range(rows)
    ]


def _one(tensor: Tensor, value: Any, path: str) -> Any:
    """Return a value of one instance, with the axis that counts instances."""
    if tensor.form != "tensor":
        return _holder(tensor, value, path)
    try:
        array = values.to_array(value, tensor.datatype, tensor.name, path)
    except values.Ragged as error:
        text = f"{path} has lists of different lengths side by side."
        raise InputMismatch(text, field=f"$.{path}") from error
    axis = tensor.batch_axis
    row = shapes.row_shape(tensor)
    if row and not array.size and shapes.fits(row[: array.ndim], array.shape):
        rest = (max(size, 0) for size in row[array.ndim :])
        array = array.reshape(*array.shape, *rest)  # lists end at an axis without elements
    if axis is None:
        shapes.check_shape(tensor, tensor.shape, array.shape, path)
        return array
    if array.ndim == len(row or ()) + 1 and array.shape[axis] == 1:  # the axis is there already
        array = np.squeeze(array, axis)
    shapes.check_shape(tensor, row, array.shape, path)
    return np.expand_dims(array, axis)


def _shaped(tensor: Tensor, array: Array, where: str) -> Array:
    """Check the shape of n rows; rows of shape (1,) may be plain values."""
    row = shapes.row_shape(tensor) or ()
    if row in ((1,), (FREE,)) and array.ndim == 1:
        return array.reshape(-1, 1)
    if row == () and array.ndim == 2 and array.shape[1] == 1:
        return array.reshape(-1)
    if not shapes.fits(row, array.shape[1:]):
        shapes.check_shape(tensor, row, array.shape[1:], where)
    return array


def _holder(tensor: Tensor, value: Any, path: str) -> Any:
    """Return a sequence of arrays, or an object of numbers."""
    if tensor.form == "map":
        return _map(tensor, value, path)
    if not isinstance(value, list):
        text = f"{path} isn't a list, as the input {tensor.name!r} takes."
        raise InputMismatch(text, field=f"$.{path}")
    if tensor.form == "maps":
        return [_map(tensor, item, f"{path}[{i}]") for i, item in enumerate(value)]
    return [
        values.to_array(item, tensor.datatype, tensor.name, f"{path}[{i}]")
        for i, item in enumerate(value)
    ]


def _map(tensor: Tensor, value: Any, path: str) -> dict[Any, Any]:
    if not isinstance(value, dict):
        text = f"{path} isn't an object, as the input {tensor.name!r} takes."
        raise InputMismatch(text, field=f"$.{path}")
    return {
        key: values.to_array(item, tensor.datatype, tensor.name, f"{path}.{key}").item()
        for key, item in value.items()
    }
