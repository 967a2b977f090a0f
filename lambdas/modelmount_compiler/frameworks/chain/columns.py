"""What stands before the model: encoders of columns, steps on some columns, steps on all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from modelmount_compiler.chain import Link
from modelmount_compiler.frameworks.chain import dense, labelling, objects, order, widths
from modelmount_compiler.frameworks.chain.objects import Found
from modelmount_compiler.frameworks.chain.refusals import ambiguous


class Kinds(Protocol):
    """The objects that columns are about; see `recognition.Sorted`."""

    by_column: list[Found]
    encoders: list[Found]
    names: list[Found]


@dataclass(slots=True)
class Front:
    """The links up to the model.

    Attributes:
        columns: the names of the input's columns, where something needs them.
        used: objects that took part.
        extra: encoders of a dictionary that are of no column of the input.
        takes_no_columns: whether the input is a text or the like.
    """

    links: list[Link]
    columns: tuple[str, ...] | None = None
    used: list[Found] = field(default_factory=list)
    extra: list[Found] = field(default_factory=list)
    takes_no_columns: bool = False


def source(steps: Sequence[Found], model: Found | None, lists: Sequence[Found]) -> Found | None:
    """Return the list that names the model's columns, if exactly one has the right length."""
    width = None if model is None else widths.taken(model.value)
    widest = {width, *(widths.taken(each.value) for each in steps)} - {None}
    named = [each for each in lists if len(objects.named(each.value) or ()) in widest]
    of_model = [each for each in named if len(objects.named(each.value) or ()) == width]
    called = [each for each in of_model or named if not labelling.is_of_target(each.label)]
    return called[0] if len(called) == 1 else None


def front(
    steps: Sequence[Found],
    model: Found | None,
    kinds: Kinds,
    listed: Found | None,
    found: Sequence[Found],
) -> Front:
    """Return the links up to the model.

    Args:
        listed: the list with the names of the columns.

    Raises:
        ModelRejected: it is left open.
    """
    straight = _straight(steps, model, listed)
    if straight is not None and not kinds.by_column and not _encoded(straight, kinds):
        return straight
    by_name = _by_name(steps, model, kinds, listed)
    if by_name is not None:
        return by_name
    if straight is not None and not kinds.by_column:
        return straight
    raise ambiguous("their names and widths don't say in which order they answer", found)


def _straight(steps: Sequence[Found], model: Found | None, listed: Found | None) -> Front | None:
    """Return the links of steps that all take all columns, if there is exactly one order."""
    last = None if model is None else model.value
    fitting = order.orders(steps, last)
    if len(fitting) != 1:
        return None
    chosen = [*fitting[0], *([] if model is None else [model])]
    links = dense.with_arrays(chosen)
    first = chosen[0].value
    if widths.kind_taken(first) in widths.SAMPLES:
        return Front(links, used=list(chosen), takes_no_columns=True)
    names = _first_names(chosen, listed)
    used = [*chosen, *([listed] if listed is not None and names is not None else [])]
    return Front(links, names, used)


def _first_names(chosen: Sequence[Found], listed: Found | None) -> tuple[str, ...] | None:
    """Return names of columns, where the first object was fitted without, and they are known."""
    if widths.names_of(chosen[0].value) is not None:
        return None
    width = widths.taken(chosen[0].value)
    names = None if listed is None else objects.named(listed.value)
    if names is None:
        for before, each in zip([None, *chosen], chosen, strict=False):
            if before is not None and type(before.value).__name__ not in widths.ONE_TO_ONE:
                break
            names = names or widths.names_of(each.value)
    if names is None or len(names) != width or len(set(names)) < len(names):
        return None
    return tuple(names)


def _encoded(straight: Front, kinds: Kinds) -> bool:
    """Whether a label encoder is called as a column is."""
    first = straight.used[0].value if straight.used else None
    names = straight.columns or (widths.names_of(first) if first is not None else None) or ()
    return any(labelling.column_of(each.label, names) for each in kinds.encoders)


def _by_name(
    steps: Sequence[Found],
    model: Found | None,
    kinds: Kinds,
    listed: Found | None,
) -> Front | None:
    """Return the links where steps and encoders take some of the columns, by their names."""
    goal_of = _goal(steps, model, listed)
    if goal_of is None:
        return None
    goal, full = goal_of
    partial = _partial(steps, full, goal, kinds)
    if partial is None:
        return None
    names = _raw(goal, partial)
    encoders, extra, used = _encoders(kinds, names)
    links = [each.link("encoder", [name]) for name, each in encoders.items()]
    links += [each.link("step", taken) for each, taken in partial]
    if not _reaches(goal, names, partial):
        return None
    following = [Link("columns", value=list(goal)), *dense.with_arrays(full)]
    used += [each for each, _ in partial] + list(full)
    used += [each for each in kinds.names if each is listed]
    return Front([*links, *following], tuple(names), used, extra)


def _goal(
    steps: Sequence[Found], model: Found | None, listed: Found | None
) -> tuple[list[str], list[Found]] | None:
    """Return the names that the first object of all columns takes, and these objects in order.

    As many steps as can take all columns do; the others take some of them.
    """
    last = [] if model is None else [model]
    unnamed = [each for each in steps if widths.names_of(each.value) is None]
    for taking_all in (list(steps), unnamed, []):
        fitting = order.orders(taking_all, None if model is None else model.value)
        if len(fitting) != 1:
            continue
        full = [*fitting[0], *last]
        if not full:
            continue
        names = widths.names_of(full[0].value)
        if names is None and listed is not None:
            names = objects.named(listed.value)
        if names is not None and len(names) == widths.taken(full[0].value):
            return names, full
    return None


def _partial(
    steps: Sequence[Found], full: Sequence[Found], goal: Sequence[str], kinds: Kinds
) -> list[tuple[Found, list[str]]] | None:
    """Return the other steps with the columns that they take, in their order."""
    left = [each for each in steps if each not in full]
    left.sort(key=lambda each: order.rank(each.value) or 0)
    chosen: list[tuple[Found, list[str]]] = []
    for each in left:
        names = widths.names_of(each.value) or _listed_for(each, goal, kinds)
        if names is None:
            return None
        for other, taken in chosen:
            is_same_rank = order.rank(other.value) == order.rank(each.value)
            if is_same_rank and set(taken) & set(names):
                return None
        chosen.append((each, names))
    return chosen


def _listed_for(step: Found, goal: Sequence[str], kinds: Kinds) -> list[str] | None:
    """Return the one list of columns of the goal that is as long as a step is wide."""
    width = widths.taken(step.value)
    lists = [objects.named(each.value) or [] for each in kinds.names]
    fitting = [names for names in lists if len(names) == width and set(names) <= set(goal)]
    return fitting[0] if len(fitting) == 1 else None


def _raw(goal: Sequence[str], partial: Sequence[tuple[Found, list[str]]]) -> list[str]:
    """Return the columns that callers send: those of the goal, or what they are made of."""
    names = list(goal)
    for step, taken in reversed(partial):
        given = widths.names_given(step.value, taken)
        made = [name for name in names if name in given and name not in taken]
        place = names.index(made[0]) if made else len(names)
        names = [name for name in names if name not in made]
        names[place:place] = [name for name in taken if name not in names]
    return names


def _reaches(
    goal: Sequence[str], names: Sequence[str], partial: Sequence[tuple[Found, list[str]]]
) -> bool:
    """Whether the steps make the columns of the goal, and nothing else."""
    there = list(names)
    for step, taken in partial:
        if not set(taken) <= set(there):
            return False
        given = widths.names_given(step.value, taken)
        there = [*given, *(name for name in there if name not in taken)]
    return len(there) == len(goal) and set(there) == set(goal)


def _encoders(
    kinds: Kinds, names: Sequence[str]
) -> tuple[dict[str, Found], list[Found], list[Found]]:
    """Return the label encoder of each column, those of no column, and the objects used."""
    encoders: dict[str, Found] = {}
    extra: list[Found] = []
    used: list[Found] = list(kinds.by_column)
    for each in kinds.by_column:
        for name, encoder in each.value.items():
            item = f"{each.item}/{name}" if each.item else name
            one = Found(each.file, each.format, item, name, encoder)
            if name in names:
                encoders[name] = one
            else:
                extra.append(one)
    for each in kinds.encoders:
        column = labelling.column_of(each.label, names)
        if column is not None and column not in encoders:
            encoders[column] = each
            used.append(each)
    return encoders, extra, used
