"""Checks JSON instances value by value; errors carry the path of the value at fault."""

import contextlib
import sys
from typing import Any, NoReturn

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.instances import column_names, exactness

LARGEST_INTEGER = int(sys.float_info.max)


def texts_of(instances: list[Any]) -> list[str]:
    """Return the instances; raises `InputMismatch` if one isn't a string."""
    for i, text in enumerate(instances):
        if not isinstance(text, str):
            refuse(f"instances[{i}]", text, "this model takes one string an instance")
    return instances


def check_rows(instances: list[Any], width: int | None) -> None:
    """Raise `InputMismatch` if an instance isn't a list, or has another length than the rest."""
    values = "values" if width is None else f"{width} values"
    for i, row in enumerate(instances):
        if isinstance(row, dict):
            refuse(
                f"instances[{i}]",
                row,
                f"this model was fitted without column names; send a list of {values}",
            )
        if not isinstance(row, list):
            hint = f"each instance is a list of {values}, such as [[1.0, 2.0], [3.0, 4.0]] for two"
            refuse(f"instances[{i}]", row, hint)
        if width is not None:
            check_width(i, row, width)
        if len(row) != len(instances[0]):
            raise InputMismatch(
                f"instances[{i}] has {len(row)} values and instances[0] has {len(instances[0])}.",
                field=f"$.instances[{i}]",
            )


def check_width(i: int, row: list[Any], width: int) -> None:
    """Raise `InputMismatch` if an instance has another number of values than the model takes."""
    if len(row) != width:
        raise InputMismatch(
            f"instances[{i}] has {len(row)} values; this model takes {width}.",
            field=f"$.instances[{i}]",
        )


def check_cells(instances: list[Any], *, allows_missing: bool) -> None:
    """Raise `InputMismatch` if a value isn't a number that a double can hold."""
    for i, row in enumerate(instances):
        for j, value in enumerate(row):
            if value is None and not allows_missing:
                raise InputMismatch(
                    f"instances[{i}][{j}] is null, and this model takes no missing values.",
                    field=f"$.instances[{i}][{j}]",
                )
            if value is not None and not isinstance(value, int | float):
                refuse(f"instances[{i}][{j}]", value, "this model takes numbers")
            if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
                refuse(f"instances[{i}][{j}]", value, "it is too large for a double")
            if isinstance(value, int) and not exactness.is_exact(value):
                raise InputMismatch(
                    f"instances[{i}][{j}] is {exactness.refusal(value)}",
                    field=f"$.instances[{i}][{j}]",
                )


def check_scalars(instances: list[Any]) -> None:
    """Raise `InputMismatch` if a value is a list or an object."""
    for i, row in enumerate(instances):
        for j, value in enumerate(row):
            if isinstance(value, list | dict):
                refuse(f"instances[{i}][{j}]", value, "a value is a number, a string or null")


def row_of(
    i: int, instance: object, columns: tuple[str, ...], optional: tuple[str, ...] = ()
) -> list[Any]:
    """Return the values of a record or a list in the order of the columns.

    A column that is optional may be missing from a record, and is None then.

    Raises:
        InputMismatch: the columns aren't the model's.
    """
    if isinstance(instance, list):
        check_width(i, instance, len(columns))
        return instance
    if not isinstance(instance, dict):
        refuse(f"instances[{i}]", instance, f"send an object with {', '.join(columns)}")
    if len(instance) == len(columns):
        with contextlib.suppress(KeyError):
            return [instance[name] for name in columns]
    fault = column_names.fault(list(instance), columns, optional)
    if fault:
        raise InputMismatch(f"instances[{i}] {fault}", field=f"$.instances[{i}]")
    return column_names.in_order(instance, columns)


def refuse(path: str, value: object, expected: str) -> NoReturn:
    """Raise `InputMismatch` for a value of the wrong kind."""
    raise InputMismatch(f"{path} is {described(value)}; {expected}.", field=f"$.{path}")


def described(value: object) -> str:
    """Return what a value is to whoever sent it as JSON."""
    kinds = {str: "a string", dict: "an object", list: "a list", bool: "a boolean"}
    return "null" if value is None else kinds.get(type(value), "a number")
