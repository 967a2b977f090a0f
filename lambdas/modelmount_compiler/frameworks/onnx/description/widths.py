"""Learns the length of axes that a graph leaves free, by asking it about rows of many lengths.

A graph may answer a row that is too short by repeating its values, in silence. So where it answers
rows of some lengths alone, one of these is the length that it was made with.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.onnx.description.nodes import Nodes
from modelmount_compiler.frameworks.onnx.description.trial import Axis, Trial
from modelmount_compiler.frameworks.onnx.graph_facts import READ_A_PART, GraphFacts
from modelmount_compiler.frameworks.onnx.shapes import FREE
from modelmount_compiler.tensors import Tensors

Sizes = dict[Axis, int]
Axes = tuple[Axis, ...]
# Primes, which fit no constant by chance: a graph that takes both takes any length.
ANY_LENGTH = (131, 257)
USUAL = (8, 16, 32, 64, 128, 224, 256, 512, 1, 3)
MOST_PAIRS = 200


def learn(trial: Trial, nodes: Nodes, tensors: Tensors, facts: GraphFacts) -> tuple[Tensors, Trial]:
    """Return the tensors with the lengths that were learned, and a trial with lengths that work.

    Raises:
        ModelRejected: several lengths work, and nothing tells which is meant.
    """
    groups = _groups(nodes, tensors)
    if not groups:
        return tensors, trial
    candidates = facts.widths()
    sizes = _first(trial, tensors, groups, candidates)
    if sizes is None:
        return tensors, trial
    if any(tensor.batch_axis is None for tensor in tensors.inputs):
        # What rows share, such as a sampling rate, may decide how long they are.
        return tensors, trial.with_sizes(sizes)
    reads_a_part = not facts.operators.isdisjoint(READ_A_PART)
    for group in groups:
        tied = _tied(trial, tensors, groups, group, sizes)
        tensors = _named(tensors, tied)
        if not tied:
            found = _working(trial, tensors, group, sizes, candidates)
            length = _meant(found, reads_a_part=reads_a_part) if trial.has_time else None
            if length is not None:
                sizes |= dict.fromkeys(group, length)
                tensors = _fixed(tensors, group, length)
    return tensors, trial.with_sizes(sizes)


def _groups(nodes: Nodes, tensors: Tensors) -> list[Axes]:
    """Return the free axes, those of one name together."""
    found: dict[object, list[Axis]] = {}
    for tensor in tensors.inputs:
        for axis, size in enumerate(tensor.shape or ()):
            if size == FREE and tensor.batch_axis not in (None, axis):
                symbol = nodes.symbols[tensor.name][axis]
                found.setdefault(symbol or (tensor.name, axis), []).append((tensor.name, axis))
    return [tuple(axes) for axes in found.values()]


def _first(
    trial: Trial, tensors: Tensors, groups: list[Axes], candidates: list[int]
) -> Sizes | None:
    """Return lengths that work."""
    for lengths in _combinations(len(groups), candidates):
        if not trial.has_time:
            return None
        sizes = {
            axis: length for group, length in zip(groups, lengths, strict=True) for axis in group
        }
        if _works(trial, tensors, sizes):
            return sizes
    return None


def _combinations(count: int, candidates: list[int]) -> Iterator[tuple[int, ...]]:
    likely = [*USUAL, *candidates]
    yield from ((length,) * count for length in likely)
    if count > 1:
        pairs = itertools.product(likely[:40], repeat=count)
        yield from itertools.islice(pairs, MOST_PAIRS)


def _works(trial: Trial, tensors: Tensors, sizes: Sizes) -> bool:
    """Whether rows of these lengths are answered, as many as were sent."""
    tried = trial.with_sizes(sizes)
    rows = 2 if tensors.runs == "batch" else 1
    for _, found in tried.answers(tensors, rows):
        return tensors.runs != "batch" or all(
            not hasattr(output, "shape") or output.shape[:1] == (rows,) for output in found
        )
    return False


def _tied(trial: Trial, tensors: Tensors, groups: list[Axes], group: Axes, sizes: Sizes) -> Axes:
    """Return the axes that can have any length together; none where a length is fixed."""
    everything = tuple(axis for each in groups for axis in each)
    pairs = [group + other for other in groups if other is not group]
    tried = (group, *pairs, everything)
    return next((some for some in tried if _takes_any(trial, tensors, some, sizes)), ())


def _takes_any(trial: Trial, tensors: Tensors, group: Axes, sizes: Sizes) -> bool:
    return all(
        _works(trial, tensors, sizes | dict.fromkeys(group, length)) for length in ANY_LENGTH
    )


def _working(
    trial: Trial,
    tensors: Tensors,
    group: Axes,
    sizes: Sizes,
    candidates: list[int],
) -> list[int]:
    """Return the lengths that work, in ascending order."""
    found = {sizes[group[0]]}
    found.update(
        length
        for length in candidates
        if trial.has_time and _works(trial, tensors, sizes | dict.fromkeys(group, length))
    )
    return sorted(found)


def _meant(lengths: list[int], *, reads_a_part: bool) -> int | None:
    """Return the one length that isn't answered by repeating values, or by reading a part.

    Raises:
        ModelRejected: there are several.
    """
    longer = [length for length in lengths if length > 1]
    if len(longer) <= 1:
        return (longer or lengths)[0]
    if reads_a_part:
        return longer[-1]
    if lengths[0] == 1 and longer[0] != 2:
        told = ", ".join(map(str, longer[:8]))
        raise ModelRejected(
            "UNSUPPORTED_SIGNATURE",
            f"Its graph leaves open how many values a row has, and answers rows of {told} values; "
            "those of one value by repeating it. Export it with the number of values in the "
            "input's shape.",
        )
    return None  # any of these: of others the graph itself says that they don't fit


def _named(tensors: Tensors, axes: Axes) -> Tensors:
    """Give axes that have one length one name."""
    name = next((f"{name}.{axis}" for name, axis in axes), "")
    return replace(
        tensors,
        inputs=tuple(
            replace(
                tensor,
                symbols=tuple(
                    name if (tensor.name, axis) in axes and not symbol else symbol
                    for axis, symbol in enumerate(tensor.symbols)
                ),
            )
            for tensor in tensors.inputs
        ),
    )


def _fixed(tensors: Tensors, group: Axes, length: int) -> Tensors:
    inputs = tuple(
        replace(
            tensor,
            shape=tensor.shape
            and tuple(
                length if (tensor.name, axis) in group else size
                for axis, size in enumerate(tensor.shape)
            ),
        )
        for tensor in tensors.inputs
    )
    return replace(tensors, inputs=inputs)
