"""Reads the encoders of category_encoders."""

from collections.abc import Iterator
from typing import Any

from modelmount_compiler.frameworks.third_party.facts import Facts, came_from, categories


def facts(step: Any) -> Facts | None:
    """Return what an encoder learned; None for one that isn't fitted, or hashes its columns."""
    names = getattr(step, "feature_names_in_", None)
    given = getattr(step, "feature_names_out_", None)
    if names is None or given is None:
        return None
    names, encoded = list(names), list(step.cols or ())
    known = dict(_known(step))
    learned = {place: known[name] for place, name in enumerate(names) if name in known}
    if not set(encoded) <= {names[place] for place in learned}:
        return None
    numbers: dict[int, tuple[float, ...]] = {
        place: () for place, dtype in _dtypes(step, names) if place not in learned
    }
    return Facts(tuple(names), tuple(came_from(names, list(given), encoded)), learned, numbers)


def _dtypes(step: Any, names: list[Any]) -> Iterator[tuple[int, Any]]:
    """Yield the columns that were of numbers, where the release keeps that."""
    for place, (_, dtype) in enumerate(
        zip(names, getattr(step, "feature_dtypes_in_", ()), strict=False)
    ):
        if getattr(dtype, "kind", "O") in "iuf":
            yield place, dtype


def _known(step: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each encoded column with its categories, from the ordinal encoders inside."""
    dtypes = dict(
        zip(step.feature_names_in_, getattr(step, "feature_dtypes_in_", ()), strict=False)
    )
    lumped = getattr(step, "min_group_lumping_", {})
    for encoder in _encoders(step):
        for switch in encoder.mapping:
            column = switch["col"]
            found = [*switch["mapping"].index, *lumped.get(column, ())]
            yield column, categories(found, dtypes.get(column, switch.get("data_type")))
    if isinstance(mapping := getattr(step, "mapping", None), dict):
        for column, table in mapping.items():
            if not hasattr(step, "ordinal_encoder"):  # CatBoost's and leave one out
                found = [*table.index, *lumped.get(column, ())]
                yield column, categories(found, dtypes.get(column))


def _encoders(step: Any) -> Iterator[Any]:
    if type(step).__name__ == "OrdinalEncoder":
        yield step
    for inner in vars(step).values():
        for each in inner if isinstance(inner, list) else [inner]:
            if type(each).__module__.startswith("category_encoders."):
                yield from _encoders(each)
