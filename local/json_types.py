"""The types of decoded JSON."""

from typing import Any

# Template JSON is untyped by nature: Any here means "whatever the template holds".
Json = Any
JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
JsonObject = dict[str, JsonValue]
