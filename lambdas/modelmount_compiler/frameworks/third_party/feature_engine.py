"""Reads the transformers of feature-engine."""

from collections.abc import Sequence
from typing import Any

from modelmount_compiler.frameworks.third_party.facts import Facts, came_from, categories

NUMERIC_HOMES = ("discretisation", "transformation", "scaling", "outliers")
# Imputers give a column on, with its gaps filled.
FILLING = ("imputation",)


def facts(step: Any) -> Facts | None:
    """Return what a transformer learned; None for one that isn't fitted, and for wrappers."""
    home = type(step).__module__.split(".")[1]
    names = getattr(step, "feature_names_in_", None)
    if names is None or home in ("wrappers", "timeseries", "text"):
        return None
    names = list(names)
    try:
        given = list(step.get_feature_names_out())
    except (AttributeError, NotImplementedError, ValueError):
        return None
    changed = [] if home in FILLING else list(getattr(step, "variables_", ()) or ())
    if home == "selection":
        changed = []
    place = {name: i for i, name in enumerate(names)}
    learned = {
        place[name]: categories(known) for name, known in _categories(step, home) if name in place
    }
    numbers = {
        place[name]: values for name, values in _numbers(step, home, changed) if name in place
    }
    filled = {place[name]: value for name, value in getattr(step, "imputer_dict_", {}).items()}
    return Facts(tuple(names), tuple(came_from(names, given, changed)), learned, numbers, filled)


def _categories(step: Any, home: str) -> list[tuple[Any, Any]]:
    """Return the encoded columns with their categories."""
    if home != "encoding":
        return []
    found = getattr(step, "encoder_dict_", {})
    if type(step).__name__ == "StringSimilarityEncoder":
        return []
    return [(name, list(known)) for name, known in found.items()]


def _numbers(step: Any, home: str, changed: Sequence[Any]) -> list[tuple[Any, Sequence[float]]]:
    if home not in NUMERIC_HOMES:
        return []
    edges = getattr(step, "binner_dict_", {})
    caps = [getattr(step, f"{side}_tail_caps_", {}) for side in ("left", "right")]
    found: list[tuple[Any, Sequence[float]]] = []
    for name in changed:
        ends = edges.get(name, ())
        tree = getattr(getattr(ends, "best_estimator_", None), "tree_", None)
        if tree is not None:
            ends = tree.threshold[tree.children_left >= 0].tolist()
        found.append((name, [*ends, *(cap[name] for cap in caps if name in cap)]))
    return found
