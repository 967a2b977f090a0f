"""Makes answers of what a run gives: arrays, lists of arrays, and maps."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.errors import InputMismatch

Array = NDArray[Any]


def size(output: Any) -> int:
    """Return how many numbers an output holds."""
    if isinstance(output, np.ndarray):
        return output.size
    if isinstance(output, list):
        return sum(map(size, output))
    return len(output) if isinstance(output, dict) else 1


def of_batch(rows: int, names: Sequence[str], outputs: list[Any], classes: list[Any] | None) -> Any:
    """Return the answer to n instances: of one output an array; of several, n objects."""
    if any(_length(output) != rows for output in outputs):
        told = ", ".join(str(_length(output)) for output in outputs)
        raise InputMismatch(
            f"The model gave {told} answers to {rows} instances; send them one at a time.",
            field="$.instances",
        )
    if len(names) > 1:
        parts = [json_values(output) for output in outputs]
        return _objects([dict(zip(names, row, strict=True)) for row in zip(*parts, strict=True)])
    (output,) = outputs
    if isinstance(output, list):
        return _shares(output, classes) if classes else _objects(json_values(output))
    return _column(output)


def of_rows(
    names: Sequence[str], found: list[list[Any]], classes: list[Any] | None, *, is_whole: bool
) -> Any:
    """Return the answers to n instances that were asked one by one."""
    if len(names) > 1:
        return _objects(
            [dict(zip(names, map(json_values, outputs), strict=True)) for outputs in found]
        )
    alone = [output for (output,) in found]
    if classes and all(isinstance(output, dict) for output in alone):
        return _shares(alone, classes)
    shapes = {(output.shape, output.dtype.str) for output in alone if hasattr(output, "shape")}
    if len(shapes) == 1 and all(isinstance(output, np.ndarray) for output in alone):
        array = np.stack(alone)
        return array if is_whole else _column(array)
    return _objects([json_values(output) for output in alone])


def as_tensor(output: Any, classes: list[Any] | None) -> Array:
    """Return an output as one array; raises `InputMismatch` where it is none."""
    if isinstance(output, np.ndarray):
        return output
    if isinstance(output, list) and output and all(isinstance(one, dict) for one in output):
        return _shares(output, classes or sorted(output[0]))
    raise InputMismatch(
        "An output is a sequence, which isn't a tensor: ask for others, or send instances to "
        "/inference.",
        field="$.outputs",
    )


def joined(parts: Sequence[Array], axis: int | None) -> Array:
    """Return the outputs of several runs as one; raises `InputMismatch` where none can be."""
    if len(parts) == 1:
        return parts[0]
    try:
        return np.concatenate(parts, axis or 0)
    except ValueError as error:
        raise InputMismatch(
            "The outputs of several instances differ in shape: send one at a time.",
            field="$.inputs",
        ) from error


def without_axis(output: Any, axis: int | None) -> Any:
    """Return the answer to one instance, without the axis that counts instances."""
    if axis is None:
        return output
    if isinstance(output, list):
        return output[0] if len(output) == 1 else output
    return np.squeeze(output, axis) if output.shape[axis] == 1 else output


def json_values(output: Any) -> Any:
    """Return an output as what JSON can carry."""
    if isinstance(output, np.ndarray):
        return output.tolist()
    if isinstance(output, list):
        return [json_values(item) for item in output]
    if isinstance(output, dict):
        return {str(key): json_values(value) for key, value in output.items()}
    return output.item() if isinstance(output, np.generic) else output


def _length(output: Any) -> int | None:
    return None if isinstance(output, np.ndarray) and not output.ndim else len(output)


def _column(array: Array) -> Array:
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


def _shares(maps: list[dict[Any, Any]], classes: list[Any]) -> Array:
    return np.array([[shares[label] for label in classes] for shares in maps])


def _objects(items: list[Any]) -> Array:
    """Return a column of objects, which NumPy would else take apart."""
    return np.fromiter(items, object, len(items))
