"""Follows the columns of the input through the steps of an estimator."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from modelmount_compiler.frameworks import boosting, third_party
from modelmount_compiler.frameworks.sklearn import releases
from modelmount_compiler.frameworks.sklearn.columns import boosters, tables, transformers
from modelmount_compiler.frameworks.sklearn.columns.evidence import Evidence, Places, at

# Attributes that hold fitted estimators of the same input.
CALIBRATED = "calibrated_classifiers_"
INNER = (
    *("estimator_", "best_estimator_", "regressor_", "estimators_", CALIBRATED),
    *("clfs_", "regr_"),  # mlxtend's
)
# Libraries whose estimators take numbers, if they say nothing else.
TAKE_NUMBERS = ("sklearn.", "imblearn.")
# Estimators of scikit-learn that take more than numbers, or nothing of their input.
TAKE_ANYTHING = ("Dummy", "Vectorizer", "DictVectorizer", "FeatureHasher")


def follow(step: Any, places: Places, evidence: Evidence) -> Places:
    """Note what a step tells about its columns.

    Returns:
        the places of the columns that it gives; None for each that it computes. They are fewer
        than its columns where the rest is computed.
    """
    if step is None or isinstance(step, str):
        return places if step != "drop" else ()
    if (library := boosting.library_of(step)) is not None:
        if library.is_fitted(step):  # ensembles also keep the one that they copied
            boosters.note(step, places, evidence)
        return ()
    if hasattr(step, "transformers_"):
        return _column_transformer(step, places, evidence)
    if hasattr(step, "transformer_list"):
        for _, part in step.transformer_list:
            follow(part, places, evidence)
        return ()
    if hasattr(step, "steps"):
        for _, part in step.steps:
            places = follow(part, places, evidence)
        return places
    given = _transformer(step, places, evidence)
    return _others(step, places, evidence) if given is None else given


def _transformer(step: Any, places: Places, evidence: Evidence) -> Places | None:
    """Return what a transformer gives; a sampler gives its input on. None for other estimators."""
    if third_party.is_sampler(step):
        return places
    if hasattr(step, "built_features"):
        return _mapper(step, places, evidence)
    given = tables.note(step, places, evidence)
    return transformers.note(step, places, evidence) if given is None else given


def _column_transformer(step: Any, places: Places, evidence: Evidence) -> Places:
    given: dict[int, int | None] = {}
    for name, part, chosen in step.transformers_:
        inputs = [at(places, i) for i in step._transformer_to_input_indices[name]]
        if isinstance(chosen, str):
            transformers.note_text(part, inputs, evidence)
            continue
        outputs = follow(part, inputs, evidence)
        given.update(zip(_output_range(step, name), outputs, strict=False))
    return [given.get(i) for i in range(max(given, default=-1) + 1)]


def _mapper(step: Any, places: Places, evidence: Evidence) -> Places:
    """Follow the columns that sklearn-pandas' mapper gives to each of its transformers."""
    names = third_party.names(step) or ()
    for columns, part, *_ in step.built_features:
        given = [columns] if isinstance(columns, str) else columns
        inputs = [at(places, names.index(name)) for name in given if name in names]
        if isinstance(columns, str):
            transformers.note_text(part, inputs, evidence)
        follow(part, inputs, evidence)
    return ()


def _output_range(step: Any, name: str) -> range:
    found = step.output_indices_.get(name, slice(0, 0))
    return range(found.start, found.stop)


def _others(step: Any, places: Places, evidence: Evidence) -> Places:
    """Follow into the estimators inside; one of scikit-learn's own without any takes numbers."""
    preprocessor = getattr(step, "_preprocessor", None)
    if preprocessor is not None:  # histogram boosting with categories
        follow(preprocessor, places, evidence)
        evidence.numbers(places)
        return ()
    inner = list(_inner(step, places))
    for estimator, inputs in inner:
        follow(estimator, inputs, evidence)
    is_own = type(step).__module__.startswith(TAKE_NUMBERS)
    if not inner and is_own and not any(n in type(step).__name__ for n in TAKE_ANYTHING):
        evidence.numbers(places)
    return _selected(step, places)


def _selected(step: Any, places: Places) -> Places:
    """Return the places that a feature selection keeps."""
    if not hasattr(step, "get_support"):
        return ()
    return [at(places, int(i)) for i in step.get_support(indices=True)]


def _inner(step: Any, places: Places) -> Iterator[tuple[Any, Places]]:
    """Yield the estimators that get the input or some of its columns, and those columns."""
    names = (*INNER, "estimator") if type(step).__name__ == "FrozenEstimator" else INNER
    subsets = getattr(step, "estimators_features_", None)
    for name in names:
        held = getattr(step, name, None)
        for index, estimator in enumerate(_listed(held)):
            inputs: Places = places
            if subsets is not None and name == "estimators_":
                inputs = [at(places, int(i)) for i in subsets[index]]
            elif hasattr(step, "support_") and name == "estimator_":
                inputs = _selected(step, places)
            yield (releases.calibrated(estimator) if name == CALIBRATED else estimator), inputs


def _listed(held: Any) -> Sequence[Any]:
    """Return fitted estimators as a list; trees of an ensemble take numbers, all of them."""
    if held is None or isinstance(held, np.ndarray):
        return ()
    found = list(held) if isinstance(held, list | tuple) else [held]
    if found and hasattr(found[0], "tree_"):
        return ()
    return [estimator for estimator in found if not isinstance(estimator, str)]
