"""Finds out how the objects of an upload belong together, by names and widths."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from modelmount_compiler.chain import Chain, Link
from modelmount_compiler.frameworks.chain import columns, labelling, objects
from modelmount_compiler.frameworks.chain.objects import Found
from modelmount_compiler.frameworks.chain.refusals import ambiguous


@dataclass(slots=True)
class Sorted:
    """The objects of an upload, by what they are.

    Attributes:
        by_column: dictionaries of label encoders by column.
        encoders: single label encoders.
        names: lists of texts.
        others: plain data, which takes no part.
    """

    models: list[Found] = field(default_factory=list)
    steps: list[Found] = field(default_factory=list)
    by_column: list[Found] = field(default_factory=list)
    encoders: list[Found] = field(default_factory=list)
    names: list[Found] = field(default_factory=list)
    thresholds: list[Found] = field(default_factory=list)
    others: list[Found] = field(default_factory=list)


def sort(found: Sequence[Found]) -> Sorted:
    """Sort objects by what they are."""
    kinds = Sorted()
    for each in found:
        _place(kinds, each).append(each)
    return kinds


def _place(kinds: Sorted, each: Found) -> list[Found]:
    value = each.value
    if objects.is_model(value):
        return kinds.models
    if objects.is_step(value):
        return kinds.steps
    if type(value).__name__ == "LabelEncoder":
        return kinds.encoders
    if objects.is_of_columns(value):
        return kinds.by_column
    if labelling.is_threshold(each):
        return kinds.thresholds
    return kinds.names if objects.named(value) is not None else kinds.others


def recognise(found: Sequence[Found], main: str) -> Chain:
    """Return the chain that the objects of an upload are.

    Args:
        main: the file that the upload begins with.

    Raises:
        ModelRejected: names and widths leave it open; the text has the statement to write.
    """
    kinds = sort(found)
    if strange := [each for each in kinds.others if objects.holds_estimators(each.value)]:
        raise ambiguous(f"{strange[0].name} isn't of a known form", found)
    if len(kinds.models) > 1:
        raise ambiguous("more than one of them predicts", found, chain=None)
    model = kinds.models[0] if kinds.models else None
    targets = _targets(kinds, model)
    steps = [each for each in kinds.steps if each not in targets]
    if model is None and not steps:
        raise ambiguous("none of them is a model", found)
    source = columns.source(steps, model, kinds.names)
    front = columns.front(steps, model, kinds, source, found)
    labels = _labels(kinds, front, model, found)
    links = [*front.links, *_behind(kinds, targets, labels)]
    taking_part = {link.name for link in links} | {each.name for each in front.used}
    unused = tuple(each.name for each in found if each.name not in taking_part)
    return Chain(main, tuple(links), front.columns, unused=unused)


def _targets(kinds: Sorted, model: Found | None) -> list[Found]:
    if model is None:
        return []
    return [each for each in kinds.steps if labelling.is_target_scaler(each, model.value)][:1]


def _labels(
    kinds: Sorted, front: columns.Front, model: Found | None, found: Sequence[Found]
) -> Found | None:
    """Return what names the classes; an encoder that is left over must be accounted for."""
    left = [each for each in [*kinds.encoders, *front.extra] if each not in front.used]
    if model is None:
        if left:
            raise ambiguous(f"nothing says of what {left[0].name} is", found)
        return None
    lists = [each for each in [*kinds.names, *kinds.others] if each not in front.used]
    is_sure = front.takes_no_columns or bool(front.extra)
    return labelling.labels_among(left, lists, model.value, found, is_sure=is_sure)


def _behind(kinds: Sorted, targets: Sequence[Found], labels: Found | None) -> list[Link]:
    links = [each.link("target") for each in targets]
    if kinds.thresholds and kinds.models and hasattr(kinds.models[0].value, "predict_proba"):
        links.append(kinds.thresholds[0].link("threshold"))
    if labels is not None:
        links.append(labels.link("labels"))
    return links
