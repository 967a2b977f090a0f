"""Refuses models that would read, write or fetch when they predict.

The rules are tables of attributes. They come from a search of scikit-learn 1.9, XGBoost 3.2,
LightGBM 4.7 and CatBoost 1.2.10 for what opens files or connections: docs/security.md lists it.
`functions.py` has the rules for functions.
"""

from dataclasses import dataclass
from types import FunctionType
from typing import Any

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.soundness import functions, object_parts

MOST_THREADS = 1024
THREADS = (
    *("n_jobs", "n_threads", "_n_threads", "nthread", "nthreads", "num_thread", "num_threads"),
    "thread_count",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What an attribute of a class must be.

    Attributes:
        owner: name of the class, or of one that it extends; "" for every class.
        attribute: the attribute, or parameter.
        allowed: the only value that does nothing outside of the process.
        advice: what the uploader can do.
    """

    owner: str
    attribute: str
    allowed: str | None
    advice: str


RULES = (
    Rule(
        "sklearn.feature_extraction.text._VectorizerMixin",
        "input",
        "content",
        "With it the texts that callers send are names of files, which the model reads. Make the "
        "vectorizer with input='content', fit it on texts, and save the model again.",
    ),
    Rule(
        "",
        "memory",
        None,
        "It names a folder that fits are cached in, and serves fitting alone. Set memory=None "
        "(set_params), and save the model again.",
    ),
)


def check(part: Any, where: str) -> None:
    """Refuse one object of a model for what it would do; raises `ModelRejected`."""
    functions.check(part, where)
    held = getattr(part, "__dict__", None)
    if not isinstance(held, dict) or isinstance(part, FunctionType | type):
        return
    if type(part).__module__.startswith("joblib"):
        advice = "Set memory=None (set_params), and save the model again."
        raise refusal(where, f"is a {type(part).__name__} of joblib, which writes files", advice)
    names = object_parts.classes(part)
    for rule in RULES:
        if rule.attribute in held and (not rule.owner or rule.owner in names):
            _check_value(held[rule.attribute], rule, where)
    _check_threads(held, where)
    _check_shadows(part, held, where)


def refusal(where: str, what: str, advice: str) -> ModelRejected:
    """Return the refusal of a part of a model."""
    return ModelRejected("SIDE_EFFECTS", f"The part {where} of the model {what}. {advice}")


def _check_value(value: object, rule: Rule, where: str) -> None:
    allowed = value is None if rule.allowed is None else _is_text(value, rule.allowed)
    if not allowed:
        shown = f"{value!r:.80}" if isinstance(value, str | bool | int) else type(value).__name__
        raise refusal(where, f"has {rule.attribute}={shown}", rule.advice)


def _is_text(value: object, wanted: str) -> bool:
    return type(value) is str and value == wanted


def _check_threads(held: dict[str, Any], where: str) -> None:
    for name in THREADS:
        value = held.get(name)
        if isinstance(value, int) and abs(value) > MOST_THREADS:
            advice = f"Set it to None, or to at most {MOST_THREADS}, and save the model again."
            raise refusal(where, f"has {name}={value}", advice)


def _check_shadows(part: Any, held: dict[str, Any], where: str) -> None:
    """Refuse an attribute that takes the place of a method of the object's class."""
    for name, value in held.items():
        if not isinstance(name, str) or isinstance(value, type) or not callable(value):
            continue
        if callable(getattr(type(part), name, None)):
            advice = "Fit a new model of this class, and save it as it is."
            raise refusal(where, f"has its own {name}, in place of its class's method", advice)
