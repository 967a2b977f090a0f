"""Converts encoders of categories by what they answer about each category."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.convert.graph import Graph, NotCompilable, Value
from modelmount_compiler.convert.third_party import blocks
from modelmount_compiler.convert.third_party.trial import Answers, Transform, Trial
from modelmount_compiler.frameworks.third_party import Facts
from modelmount_compiler.program.operations.preprocessing import columns, encoding, tables

Array = NDArray[Any]
NAN = float("nan")
Output = tuple[int, int]  # the encoded column that an output depends on, and the output's place


def encode(
    graph: Graph, x: Value, facts: Facts, transform: Transform, names: Sequence[Any]
) -> Value:
    """Add an encoder, whose answers to each category become tables.

    Args:
        graph: the graph to add to.
        x: the input.
        facts: what the encoder learned.
        transform: calls the encoder, and returns a data frame.
        names: names of its outputs.
    """
    if x.kind not in ("rows", "matrix") or (x.names is not None and graph.infers_types):
        raise NotCompilable(f"an encoder of {x.kind}")
    if x.width != len(facts.names):
        raise NotCompilable(f"an encoder of {len(facts.names)} columns gets {x.width}")
    trial = Trial(facts, x, transform)
    parts = []
    for key, run in groupby(enumerate(_owners(trial, facts)), key=lambda each: _key(trial, each)):
        members = list(run)
        if key == "given":
            parts.append(blocks.chosen(graph, x, [facts.given[i] or 0 for i, _ in members]))
        else:
            outputs = [(owner, i) for i, owner in members if owner is not None]
            parts.append(_looked_up(graph, x, trial, outputs))
    _check_refusals(trial, facts)
    return blocks.together(graph, parts, names)


def _owners(trial: Trial, facts: Facts) -> Iterator[int | None]:
    """Yield for each output the column that it depends on; None where it is given on."""
    last = next(iter(trial.by_column), None)
    for output, given in enumerate(facts.given):
        if given is not None:
            yield None
            continue
        base = trial.base[output]
        found = [place for place, each in trial.by_column.items() if each.varies(output, base)]
        if len(found) > 1 or last is None:
            raise NotCompilable("an encoder that makes one column of several")
        last = found[0] if found else last
        yield last


def _key(trial: Trial, output: tuple[int, int | None]) -> Any:
    place, owner = output
    if owner is None:
        return "given"
    answers = trial.by_column[owner]
    values = _column(answers, place)
    is_number = all(isinstance(value, int | float | np.number) for value in values)
    return is_number, answers.unknown is None, answers.missing is None


def _column(answers: Answers, place: int) -> list[Any]:
    """Return all answers in one output: known categories, missing, unknown."""
    found = [*answers.known[:, place]]
    return found + [each[place] for each in (answers.missing, answers.unknown) if each is not None]


def _check_refusals(trial: Trial, facts: Facts) -> None:
    """Refuse an encoder with a column that nothing depends on, and that is refused some values."""
    owned = {owner for owner in _owners(trial, facts) if owner is not None}
    for place, answers in trial.by_column.items():
        if place not in owned and (answers.unknown is None or answers.missing is None):
            raise NotCompilable("an encoder refuses values of a column that it doesn't give")


def _looked_up(graph: Graph, x: Value, trial: Trial, outputs: Sequence[Output]) -> Value:
    """Add a look-up of some columns, and their outputs in order."""
    owners = list(dict.fromkeys(owner for owner, _ in outputs))
    answers = [trial.by_column[owner] for owner in owners]
    by_owner = [[i for owner, i in outputs if owner == each] for each in owners]
    seen = blocks.rows(graph, x, owners)
    if any(each.missing is None for each in answers):
        seen = graph.add(tables.Present(), seen, kind="rows", width=len(owners))
    found = _arrays(answers, by_owner)
    unknown = None
    if answers[0].unknown is not None:
        unknown = tuple(len(table) - 1 for table in found)
    categories = encoding.Categories(
        tuple(map(_keys, answers)), tuple(map(_places, answers)), unknown, frame=False
    )
    codes = graph.add(categories, seen, kind="codes")
    value = graph.add(tables.Looked(tuple(found)), codes, width=len(outputs))
    order = [output for each in by_owner for output in each]
    if order != sorted(order):
        value = graph.add(columns.Take(np.argsort(order)), value, width=len(outputs))
    if found[0].dtype == object:
        return graph.add(tables.Listed(), value, kind="rows", width=len(outputs))
    return value


def _arrays(answers: Sequence[Answers], outputs: Sequence[Sequence[int]]) -> list[Array]:
    """Return the table of each column in one type: whole numbers, numbers or anything."""
    found = []
    for each, places in zip(answers, outputs, strict=True):
        rows = [*each.known, *(row for row in (each.missing, each.unknown) if row is not None)]
        found.append([[row[place] for place in places] for row in rows])
    values = [value for table in found for row in table for value in row]
    if not all(isinstance(value, int | float | np.number) for value in values):
        return [_objects(table) for table in found]
    is_whole = all(isinstance(value, int) and not isinstance(value, bool) for value in values)
    return [np.array(table, dtype=np.int64 if is_whole else np.float64) for table in found]


def _objects(table: list[list[Any]]) -> Array:
    array = np.empty((len(table), len(table[0])), dtype=object)
    array[:] = table
    return array


def _keys(answers: Answers) -> Array:
    values = [*answers.values, *([None, NAN] if answers.missing is not None else [])]
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _places(answers: Answers) -> Array:
    """Return the rows of the table: one for each category, and one for both missing values."""
    count = len(answers.values)
    return np.array([*range(count), *([count] * 2 if answers.missing is not None else [])])
