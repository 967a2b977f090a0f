"""Chains as `model.json` states them."""

from collections.abc import Mapping, Sequence
from typing import Any

from modelmount_compiler.chain import Chain, Link, Statement
from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.chain import objects, widths
from modelmount_compiler.frameworks.chain.objects import Found

CODE = "BAD_CHAIN"
TO_ARRAY = "toarray"


class Objects:
    """The objects of an upload, by the names that a statement has for them."""

    def __init__(self, found: Sequence[Found]) -> None:
        self._found = {each.name: each for each in found}

    def get(self, name: Any, field: str) -> Found:
        """Return an object; raises `ModelRejected` where there is none of this name."""
        each = self._found.get(name) if isinstance(name, str) else None
        if each is None:
            known = ", ".join(list(self._found)[:20])
            raise bad(f"$.{field} names {name!r:.200}, and there are: {known}")
        return each

    def is_known(self, name: Any) -> bool:
        """Whether there is an object of this name."""
        return isinstance(name, str) and name in self._found


def bad(why: str) -> ModelRejected:
    """Return the refusal of a statement that doesn't fit the upload."""
    return ModelRejected(CODE, f"model.json: {why}. Correct it, and upload it again.")


def chain_of(statement: Statement, found: Sequence[Found], main: str) -> Chain:
    """Return the chain that is stated; raises `ModelRejected` where it can't be."""
    there = Objects(found)
    if not isinstance(statement.chain, list) or not statement.chain:
        raise bad("$.chain is no list of objects")
    steps = [_step(entry, there, place) for place, entry in enumerate(statement.chain)]
    if steps[-1].role == "toarray":
        raise bad("$.chain ends with toarray")
    encoders = encoder_links(statement.encoders, there)
    names = column_names(statement.columns, there)
    if names is None and (encoders or any(link.columns for link in steps)):
        names = _fitted_names(steps, there)
    links = [*encoders, *steps, *answer_links(statement, there)]
    used = {link.name for link in links} | {str(statement.columns)}
    unused = tuple(each.name for each in found if each.name not in used)
    return Chain(main, tuple(links), names, is_stated=True, unused=unused)


def _step(entry: Any, there: Objects, place: int) -> Link:
    if entry == TO_ARRAY:
        return Link("toarray")
    columns = None
    if isinstance(entry, Mapping):
        if not set(entry) <= {"file", "columns"}:
            raise bad(f"$.chain[{place}] has other fields than file and columns")
        columns = column_names(entry.get("columns"), there)
        entry = entry.get("file")
    each = there.get(entry, f"chain[{place}]")
    is_model = objects.is_model(each.value)
    if not (is_model or objects.is_step(each.value)):
        raise bad(
            f"$.chain[{place}] is a {type(each.value).__name__}, which neither transforms "
            "nor predicts"
        )
    return each.link("model" if is_model else "step", columns)


def _fitted_names(steps: Sequence[Link], there: Objects) -> tuple[str, ...]:
    """Return the names that the first object of all columns was fitted with."""
    for link in steps:
        if link.columns is None and link.role != "toarray":
            names = widths.names_of(there.get(link.name, "chain").value)
            if names is not None:
                return tuple(names)
    raise bad('say in "columns" what the columns of the input are called')


def column_names(value: Any, there: Objects) -> tuple[str, ...] | None:
    """Return stated names of columns, or those of a file."""
    if value is None:
        return None
    if there.is_known(value):
        value = there.get(value, "columns").value
    names = objects.named(value)
    if names is None or len(set(names)) < len(names):
        raise bad(f"$.columns is {value!r:.200}, not a list of different names, nor a file of one")
    return tuple(names)


def encoder_links(value: Any, there: Objects) -> list[Link]:
    """Return the links of label encoders, one for each column."""
    if value is None:
        return []
    if isinstance(value, str):
        each = there.get(value, "encoders")
        if not objects.is_of_columns(each.value):
            raise bad(f"$.encoders names {value!r}, which isn't a LabelEncoder for each column")
        items = {name: f"{each.item}/{name}" if each.item else name for name in each.value}
        return [
            Link("encoder", each.file, each.format, item, (name,)) for name, item in items.items()
        ]
    if not isinstance(value, Mapping):
        raise bad("$.encoders is neither an object of files by column, nor a file")
    links = []
    for name, file in value.items():
        each = there.get(file, f"encoders.{name}")
        if type(each.value).__name__ != "LabelEncoder":
            raise bad(f"$.encoders.{name} is a {type(each.value).__name__}, not a LabelEncoder")
        links.append(each.link("encoder", [str(name)]))
    return links


def answer_links(statement: Statement, there: Objects) -> list[Link]:
    """Return the links of what changes the model's answer."""
    links = []
    if statement.target is not None:
        links.append(there.get(statement.target, "target").link("target"))
    for role, value in (("threshold", statement.threshold), ("labels", statement.labels)):
        if there.is_known(value):
            links.append(there.get(value, role).link(role))
        elif isinstance(value, str):
            there.get(value, role)
        elif value is not None:
            links.append(Link(role, value=value))  # type: ignore[arg-type]  # one of two roles
    return links
