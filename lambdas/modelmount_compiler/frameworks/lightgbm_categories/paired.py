"""Pairs lists of categories with columns, where that is certain."""

from dataclasses import dataclass, field
from typing import Any

import lightgbm

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.lightgbm_categories.columns import columns_of, with_thresholds
from modelmount_compiler.frameworks.lightgbm_categories.places import Places

NAMED_AT_MOST = 5
MOST_CODES = 2**16

Categories = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Pairing:
    """The categories of a model's columns.

    Attributes:
        known: the categories of each column that had some, by position.
        no_numbers: columns whose unknown numbers are refused: the model may have been fitted on
            another column of these categories, and then these numbers would mean something.
        strict: columns whose unknown values are refused, for the same reason.
    """

    known: dict[int, Categories] = field(default_factory=dict)
    no_numbers: tuple[int, ...] = ()
    strict: tuple[int, ...] = ()


def pairing(booster: lightgbm.Booster) -> Pairing:
    """Return the categories of the columns of the data frame at the fit.

    Raises:
        ModelRejected: the model doesn't say which columns had them.
    """
    lists = [tuple(each) for each in booster.pandas_categorical or ()]
    if not lists:
        return Pairing()
    columns = columns_of(booster.model_to_string(num_iteration=1))
    places = Places(columns, [len(each) for each in lists])
    if not places.are_certain():
        places = Places(with_thresholds(columns, booster), [len(each) for each in lists])
    chosen = places.best()
    if chosen is None:
        raise ModelRejected(
            "UNSUPPORTED_CATEGORIES",
            f"It was fitted on {len(lists)} categorical columns of a data frame, and no columns of "
            "it can be these. Save it again with the booster that was fitted.",
        )
    return _checked(dict(zip(chosen, lists, strict=True)), lists, places, booster)


def codes(booster: lightgbm.Booster) -> dict[int, Categories]:
    """Return the codes of the columns that are split by sets of them."""
    columns = columns_of(booster.model_to_string(num_iteration=1))
    found = ((i, column) for i, column in enumerate(columns) if column.by_sets and column.used)
    return {i: tuple(range(min(int(column.high) + 1, MOST_CODES))) for i, column in found}


def _checked(
    known: dict[int, Categories],
    lists: list[Categories],
    places: Places,
    booster: lightgbm.Booster,
) -> Pairing:
    """Return the pairing, if no other one is as likely or could read the same values otherwise."""
    no_numbers: list[int] = []
    strict: list[int] = []
    doubtful: list[int] = []
    for column in range(len(places.columns)):
        if not places.columns[column].used:
            continue
        mine = known.get(column)
        others: list[tuple[Categories | None, int]] = [
            (lists[j], score) for j, score in places.possible(column) if lists[j] is not mine
        ]
        if mine is not None and (free := places.score_if_free(column)) is not None:
            others.append((None, free))
        for other, score in others:
            is_as_likely = score + 1 >= (places.best_score or 0) and not _same(mine, other)
            if is_as_likely or _differ(mine, other):
                doubtful.append(column)
        if mine is not None and others:
            (no_numbers if others[0][0] is None else strict).append(column)
    if doubtful:
        names = booster.feature_name()
        some = ", ".join(repr(names[column]) for column in sorted({*doubtful})[:NAMED_AT_MOST])
        raise ModelRejected(
            "UNSUPPORTED_CATEGORIES",
            f"It was fitted on {len(lists)} categorical columns of a data frame, and LightGBM "
            f"doesn't store which ones: {some} could be one of categories or one of numbers. Fit "
            "it on unordered categories that are texts, as df[name].astype(str).astype('category') "
            "makes them, or on numbers alone, as df[name].cat.codes gives them.",
        )
    return Pairing(known, tuple(no_numbers), tuple(strict))


def _same(mine: Categories | None, other: Categories | None) -> bool:
    """Whether the categories are their own codes, so that it doesn't matter where they were."""
    if mine is None or other is None:
        codes = enumerate(mine if mine is not None else other or ())
        return all(_number(value) == code for code, value in codes)
    return mine == other


def _differ(mine: Categories | None, other: Categories | None) -> bool:
    """Whether a value has one code by the first reading and another one by the second."""
    if mine is None or other is None:
        codes = enumerate(mine if mine is not None else other or ())
        return any(_number(value) not in (None, float(code)) for code, value in codes)
    places = {value: code for code, value in enumerate(mine)}
    return any(places.get(value, code) != code for code, value in enumerate(other))


def _number(value: Any) -> float | None:
    """Return the number as which a category would be read in a column of numbers."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
