"""Holds what loading has made against the policy, once all of it is there.

A state can be completed after its object got it, so nothing is judged before the end.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from modelmount_compiler.frameworks.loading_policy.globals import Global
from modelmount_compiler.frameworks.loading_policy.policy import GENERATORS, ITEMGETTER, Policy
from modelmount_compiler.frameworks.loading_policy.values import PLAIN, Made, parts

KINDS = {"f": "a function", "o": "an object", "c": "a class", "t": "a data frame or series"}
PARTIAL, BUNCH = "functools.partial", "sklearn.utils._bunch.Bunch"
ARRAYS = ("numpy.ndarray", "numpy.ma.MaskedArray", "numpy.ma.core.MaskedArray")
CHECK_ARRAY = "sklearn.utils.validation.check_array"
MAKER = "numpy.random._pickle.__bit_generator_ctor"  # NumPy 1 names it with a generator
MENDING = {
    "input": 'With "filename" or "file" it opens whatever a caller names: read files yourself.',
    "memory": "It writes files. Save it after set_params(memory=None).",
}


def faults(made: Iterable[Made], policy: Policy) -> Iterator[str]:
    """Yield what the policy doesn't let be, as texts."""
    made = list(made)
    held = {id(part) for each in made if each.made_of in policy.classes for part in _held(each)}
    if any(each.made_of == ITEMGETTER and id(each) not in held for each in made):
        yield f"it calls {ITEMGETTER}, and no estimator holds the result"
    for each in made:
        if each.has_state or each.given or each.items is not None:
            yield from _faults_of(each, policy)


def _held(made: Made) -> Iterator[Any]:
    return parts([made.state]) if made.has_state else iter(())


def _faults_of(made: Made, policy: Policy) -> Iterator[str]:
    name = made.made_of
    if made.items is not None and "holds" not in policy.data.get(name, {}):
        yield f"it puts items into a {name}"
    if name == PARTIAL:
        yield from _faults_of_partial(made, policy)
    elif name in ARRAYS:
        return  # whoever holds it says what may lie in it
    elif "holds" in policy.data.get(name, {}):
        if made.has_state and name != BUNCH:  # which ignores it
            yield f"it gives a {name} a state"
    elif name in policy.data:
        rule = policy.data[name]
        if "attributes" in rule:
            yield from _of_attributes(made, dict.fromkeys(rule["attributes"].split(), "d"), policy)
        elif made.has_state and "state" not in rule:
            yield f"it gives a {name} a state"
        else:
            yield from _unfit([made.state, made.given, made.items], "d", f"into a {name}", policy)
    elif name in policy.classes:
        yield from _of_class(made, policy)


def _of_class(made: Made, policy: Policy) -> Iterator[str]:
    name = made.made_of
    rule = policy.classes[name]
    if "compiled" in rule:
        held = [made.state, made.given]
        yield from _unfit(held, rule["compiled"], f"into a {name}", policy)
        return
    yield from _of_attributes(made, None, policy)


def _of_attributes(made: Made, allowed: dict[str, str] | None, policy: Policy) -> Iterator[str]:
    name, state = made.made_of, made.state
    if type(state) is tuple and len(state) == 2 and state[1] in (None, {}):
        state = state[0]
    if state is None:
        return
    if type(state) is not dict:
        yield f"it gives {name} a state that isn't one of attributes"
        return
    for attribute, value in state.items():
        kinds = None
        if type(attribute) is str:
            kinds = allowed.get(attribute) if allowed else policy.kinds(name, attribute)
        if kinds is None:
            yield (
                f"it sets the attribute {str(attribute)[:80]!r} of {name}, which that class "
                "doesn't have as data. Delete the attribute before you save the model"
            )
            continue
        yield from _unfit(value, kinds, f"into the attribute {attribute!r} of {name}", policy)
        if attribute in policy.values:
            yield from _of_value(name, attribute, value, policy.values[attribute])


def _of_value(name: str, attribute: str, value: Any, allowed: list[Any]) -> Iterator[str]:
    if all(_is_one_of(part, allowed) for part in parts(value)):
        return
    known = ", ".join(repr(each) for each in allowed)
    yield (
        f"it sets the attribute {attribute!r} of {name} to something else than {known}. "
        f"{MENDING.get(attribute, '')}".rstrip(". ")
    )


def _is_one_of(part: object, allowed: list[Any]) -> bool:
    return isinstance(part, str | None) and part in allowed


def _unfit(value: Any, kinds: str, where: str, policy: Policy) -> Iterator[str]:
    """Yield a text for each kind of value that mustn't be there."""
    for kind in sorted({*_kinds_in(value, policy)} - set(kinds)):
        what = KINDS.get(kind, kind)
        yield f"it puts {what} {where}"


def _kinds_in(value: Any, policy: Policy) -> Iterator[str]:
    """Yield the kinds of all that lies in a value, in arrays of objects too."""
    waiting, visited = [value], set()
    while waiting:
        for part in parts(waiting.pop()):
            if isinstance(part, Made) and _contains(part, policy):
                if id(part) not in visited:
                    visited.add(id(part))
                    waiting += [part.state, part.given, part.items]
                continue
            if not isinstance(part, PLAIN):
                yield _kind(part, policy)


def _contains(part: Made, policy: Policy) -> bool:
    return part.made_of in ARRAYS or "holds" in policy.data.get(part.made_of, {})


def _kind(part: object, policy: Policy) -> str:
    if isinstance(part, Made):
        if part.made_of in (PARTIAL, ITEMGETTER):
            return "f"
        rule = policy.classes.get(part.made_of)
        return "d" if rule is None else "t" if "table" in rule else "o"
    if isinstance(part, Global):
        name = str(part)
        if name in policy.functions:
            return "f"
        is_data = name in policy.types or name in policy.data or name in (*GENERATORS, MAKER)
        return "d" if is_data else "c" if name in policy.classes else str(part)
    return f"a {type(part).__name__}"


def _faults_of_partial(made: Made, policy: Policy) -> Iterator[str]:
    """Yield a fault unless it is of `check_array`, or of NumPy's functions, and settings are data.

    NumPy's may have values before the input, too.
    """
    state = made.state
    is_state = type(state) is tuple and len(state) == 4 and state[3] in (None, {})
    of = str(state[0]) if is_state else ""
    is_numeric = of in policy.numeric and type(state[1]) is tuple
    if not (is_numeric or (of == CHECK_ARRAY and state[1] == ())) or type(state[2]) is not dict:
        yield f"it makes a {PARTIAL} of something else than {CHECK_ARRAY} or a function of NumPy"
    else:
        yield from _unfit([*state[1], state[2]], "d", f"into a {PARTIAL}", policy)
