"""Instances as columns: the values of each input of a graph."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.instances.batches import Batch, NamedTensors, Table
from modelmount_compiler.tensors import Tensors

Column = Sequence[Any] | NDArray[Any]  # n values of one input


class _Absent:
    """Stands for an optional input that is left out."""


ABSENT = _Absent()


def by_name(batch: Batch, tensors: Tensors) -> dict[str, Column]:
    """Return the n values of each input; raises `InputMismatch` where an instance lacks one."""
    names = [tensor.name for tensor in tensors.inputs]
    if isinstance(batch, Table):
        batch = [dict(zip(batch.columns, row, strict=True)) for row in batch.rows]
    if not isinstance(batch, list):
        if len(names) != 1 or isinstance(batch, NamedTensors):
            raise InputMismatch(f"This model takes objects with {', '.join(names)}.")
        return {names[0]: batch}
    records = [_record(i, instance, tensors) for i, instance in enumerate(batch)]
    return {name: [record.get(name, ABSENT) for record in records] for name in names}


def _record(i: int, instance: Any, tensors: Tensors) -> dict[str, Any]:
    inputs = tensors.inputs
    if len(inputs) == 1 and not (inputs[0].is_optional and instance == {}):
        is_named = isinstance(instance, dict) and instance.keys() == {inputs[0].name}
        is_value = (
            inputs[0].form == "map" and is_named and not isinstance(instance[inputs[0].name], dict)
        )
        return instance if is_named and not is_value else {inputs[0].name: instance}
    if not isinstance(instance, dict):
        names = ", ".join(tensor.name for tensor in inputs)
        raise InputMismatch(
            f"instances[{i}] isn't an object; send one with a value for each input: {names}.",
            field=f"$.instances[{i}]",
        )
    check_names(tensors, instance, f"instances[{i}]")
    return instance


def check_names(tensors: Tensors, given: dict[str, Any], what: str) -> None:
    """Require the inputs' names; raises `InputMismatch`."""
    missing = [t.name for t in tensors.inputs if t.name not in given and not t.is_optional]
    known = [tensor.name for tensor in tensors.inputs]
    unknown = [name for name in given if name not in known]
    if missing or unknown:
        lacks = f"lacks {', '.join(map(repr, missing))}" if missing else ""
        has = f"has unknown {', '.join(map(repr, unknown))}" if unknown else ""
        raise InputMismatch(
            f"{what} {' and '.join(filter(None, (lacks, has)))}; this model takes the inputs "
            f"{', '.join(known) or 'of none'}.",
            field="$.instances",
        )
