"""`modelmount cost`: the memory that the deployed models need, and what a million calls cost."""

import statistics
from collections.abc import Iterator, Sequence

from modelmount.cost.call import Call, per_million
from modelmount.cost.prices import AS_OF, US_EAST_1
from modelmount.cost.recommendation import MIB, ServedModel, recommend
from modelmount.operations import ask
from modelmount.target import Target

DEFAULT_MB = 10_240  # of the setting `memory_mb`
UNMEASURED_MS = 10.0


def served_models(target: Target) -> list[ServedModel]:
    """Ask a deployment which models serve, and how large they are."""
    found = ask(target, target.operations_function, {"operation": "sizes"})
    return [ServedModel.from_json(entry) for entry in found["sizes"]]


def lines(
    models: Sequence[ServedModel], memory_mb: int | None, milliseconds: float | None
) -> Iterator[str]:
    """Tell the recommendation and the prices.

    Args:
        memory_mb: a further size to compare with.
        milliseconds: that a call takes; None for what was measured when models were prepared.
    """
    total = sum(model.size for model in models)
    compiled = sum(model.compiled == "all" for model in models)
    yield (
        f"{len(models)} models, {total / MIB:,.1f} MiB in memory; "
        f"{compiled} are compiled for every method."
    )
    recommendation = recommend(models)
    yield f"memory_mb={recommendation.memory_mb} is enough:"
    yield from (f"  {reason}." for reason in recommendation.reasons)
    took, source = _milliseconds(models, milliseconds)
    yield f"A million calls of {took:g} ms ({source}), US dollars, {AS_OF}, us-east-1, none cold:"
    sizes = sorted({recommendation.memory_mb, DEFAULT_MB, *([memory_mb] if memory_mb else [])})
    yield from _table(sizes, took)


def _milliseconds(models: Sequence[ServedModel], given: float | None) -> tuple[float, str]:
    if given is not None:
        return given, "as given"
    measured = [model.one_row_us for model in models if model.one_row_us is not None]
    if not measured:
        return UNMEASURED_MS, "a guess: none was measured; --milliseconds says better"
    return round(statistics.mean(measured) / 1000, 3), "one row, measured when they were prepared"


def _table(sizes: Sequence[int], milliseconds: float) -> Iterator[str]:
    columns = [per_million(US_EAST_1, Call(size, milliseconds)) for size in sizes]
    yield f"  {'memory_mb':<16}" + "".join(f"{size:>10}" for size in sizes)
    for name in columns[0]:
        yield f"  {name:<16}" + "".join(f"{column[name]:>10.2f}" for column in columns)
    yield f"  {'together':<16}" + "".join(f"{sum(column.values()):>10.2f}" for column in columns)
