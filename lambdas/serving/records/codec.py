"""Dataclasses to JSON and back, checked field by field.

Records travel between functions and lie on the file system, where other code can have written
them. So each field is checked against its type. The loader has no packages but the runtime's own,
hence the standard library.
"""

import dataclasses
import functools
import json
import types
import typing
from collections.abc import Hashable
from typing import Any, Literal, TypeVar, Union

from serving.errors import RecordError

T = TypeVar("T")


def encode(record: Any) -> dict[str, Any]:
    """Turn a dataclass into JSON-ready dictionaries; tuples become lists."""
    encoded: dict[str, Any] = json.loads(dumps(record))
    return encoded


def dumps(record: Any) -> str:
    """Turn a dataclass into JSON text."""
    return json.dumps(dataclasses.asdict(record), ensure_ascii=False)


def decode(cls: type[T], data: object, where: str = "$") -> T:
    """Build `cls` from decoded JSON. Unknown fields are ignored: a newer writer may add some.

    Raises:
        RecordError: a field is missing or of another type; the text gives its path.
    """
    if not isinstance(data, dict):
        raise RecordError(f"{where} is {type(data).__name__}, expected an object")
    hints = _hints(typing.cast(Hashable, cls))
    values = {}
    for field in dataclasses.fields(cls):  # type: ignore[arg-type]  # T is a dataclass
        if field.name in data:
            values[field.name] = _value(
                hints[field.name], data[field.name], f"{where}.{field.name}"
            )
        elif field.default is dataclasses.MISSING:
            raise RecordError(f"{where}.{field.name} is missing")
    return cls(**values)


@functools.cache
def _hints(cls: Hashable) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def loads(cls: type[T], text: str | bytes) -> T:
    """Decode JSON text into `cls`; raises `RecordError` as `decode` does."""
    try:
        return decode(cls, json.loads(text))
    except ValueError as error:
        raise RecordError(f"not JSON: {error}") from error


def _value(hint: Any, value: object, where: str) -> object:  # a type form
    if hint is Any or hint is object:
        return value
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return None if value is None else _value(arguments[0], value, where)
    if origin is tuple and isinstance(value, list | tuple):
        return tuple(_value(arguments[0], v, f"{where}[{i}]") for i, v in enumerate(value))
    if origin is dict and isinstance(value, dict):
        return {str(k): _value(arguments[1], v, f"{where}.{k}") for k, v in value.items()}
    if origin is Literal and value in arguments:
        return value
    if dataclasses.is_dataclass(hint):
        return decode(typing.cast(type[object], hint), value, where)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(hint, type) and type(value) is hint:
        return value
    raise RecordError(f"{where} is {value!r:.80}, expected {hint}")
