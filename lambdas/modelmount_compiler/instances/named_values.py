"""Checks instances of models that take objects with any names, or lists of words.

Such models are scikit-learn's `DictVectorizer`, `FeatureHasher` and `MultiLabelBinarizer`.
"""

from typing import Any

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.instances.batches import Table
from modelmount_compiler.instances.checks import refuse
from modelmount_compiler.signature import InputKind

KINDS = ("records", "pairs", "tokens")
AN_OBJECT = 'this model takes an object of names and values an instance, such as {"a": 1, "b": "x"}'
A_PAIR = 'each item is a list of a name and a value, such as ["a", 1]'
WORDS = 'this model takes a list of words an instance, such as ["a", "b"]'
MOST_BITS = 1023  # of an integer that a double can hold


def rows_of(table: Table) -> list[dict[str, Any]]:
    """Return a table's rows as objects; what is null there has no name in the object.

    Raises:
        InputMismatch: a column is named twice.
    """
    if len(set(table.columns)) < len(table.columns):
        raise InputMismatch("The columns have a name twice.", field="$.columns")
    named = (zip(table.columns, row, strict=True) for row in table.rows)
    return [{name: value for name, value in pairs if value is not None} for pairs in named]


def check(instances: list[Any], kind: InputKind) -> list[Any]:
    """Return the instances, pairs as lists of [name, value].

    Raises:
        InputMismatch: one isn't of the kind.
    """
    if kind == "pairs":
        return [_pairs(f"instances[{i}]", instance) for i, instance in enumerate(instances)]
    for i, instance in enumerate(instances):
        (_check_words if kind == "tokens" else _check_object)(f"instances[{i}]", instance)
    return instances


def _check_object(path: str, instance: Any) -> None:
    if not isinstance(instance, dict):
        refuse(path, instance, AN_OBJECT)
    for name, value in instance.items():
        where = f"{path}.{name}"
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            continue  # each of these strings counts once
        if isinstance(value, dict | list):
            refuse(where, value, "a value is a number, a string or a list of strings")
        _check_size(where, value)


def _pairs(path: str, instance: Any) -> list[Any]:
    if isinstance(instance, dict):
        instance = [[name, value] for name, value in instance.items()]
    if not isinstance(instance, list):
        refuse(path, instance, AN_OBJECT)
    for j, pair in enumerate(instance):
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):
            refuse(f"{path}[{j}]", pair, A_PAIR)
        if isinstance(pair[1], list | dict):
            refuse(f"{path}[{j}][1]", pair[1], "a value is a number or a string")
        _check_size(f"{path}[{j}][1]", pair[1])
    return instance


def _check_words(path: str, instance: Any) -> None:
    if not isinstance(instance, list):
        refuse(path, instance, WORDS)
    for j, word in enumerate(instance):
        if word is None or isinstance(word, list | dict):
            refuse(f"{path}[{j}]", word, "an item is a string or a number")


def _check_size(path: str, value: Any) -> None:
    if isinstance(value, int) and value.bit_length() > MOST_BITS:
        refuse(path, value, "it is too large for a double")
