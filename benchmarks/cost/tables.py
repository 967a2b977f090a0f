"""The tables of docs/capacity.md: what was measured, by AWS's list prices.

PYTHONPATH=.:lambdas python -m benchmarks.cost.tables
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from modelmount.cost import charges
from modelmount.cost.call import RUNTIME_MS, Call, per_million
from modelmount.cost.prices import MILLION, US_EAST_1
from modelmount.cost.recommendation import MOST_MB, NEW_ACCOUNT_MB, PROCESSOR_MB

RESULTS = Path(__file__).with_name("results.json")
SIZES = (512, PROCESSOR_MB, NEW_ACCOUNT_MB, MOST_MB)
COLD_SHARE = 0.01
MONTH_HOURS = 730
SERVERLESS_MB = 2048
MANAGED_INSTANCES = 3  # the least that Lambda starts
SLOW_MS = 30.0
Measured = Mapping[str, Mapping[str, Mapping[str, float]]]


def measured() -> Measured:
    """Return the committed milliseconds."""
    found: Measured = json.loads(RESULTS.read_text("utf-8"))["milliseconds"]
    return found


def at(times: Mapping[str, float], memory_mb: int) -> float:
    """Return the milliseconds at a size; a thread uses one processor of those beyond it."""
    return times[str(min(memory_mb, PROCESSOR_MB))]


def durations(figures: Measured) -> str:
    """What a million warm calls' duration costs."""
    rows = []
    for title, parts in figures.items():
        calls = [Call(size, at(parts["warm"], size)) for size in SIZES]
        costs = [per_million(US_EAST_1, call)["Lambda duration"] for call in calls]
        times = [f"{at(parts['warm'], size):.2f}" for size in SIZES[:2]]
        rows.append([title, *times, *(f"{cost:.2f}" for cost in costs)])
    header = ["one call", "ms at 512", "ms at 1,769", *(f"$ at {size:,}" for size in SIZES)]
    return _table(header, rows)


def cold_starts(figures: Measured) -> str:
    """What it costs that one call in a hundred starts an instance."""
    rows = []
    for title, parts in figures.items():
        if "cold" not in parts:
            continue
        costs = [_cold_cost(size, at(parts["cold"], size)) for size in SIZES]
        times = [f"{at(parts['cold'], size):,.0f}" for size in SIZES[:2]]
        rows.append([title, *times, *(f"{cost:.2f}" for cost in costs)])
    header = ["first answer", "ms at 512", "ms at 1,769", *(f"$ at {size:,}" for size in SIZES)]
    return _table(header, rows)


def _cold_cost(memory_mb: int, milliseconds: float) -> float:
    seconds = COLD_SHARE * milliseconds / 1000
    return charges.lambda_duration(US_EAST_1, MILLION, seconds, memory_mb)


def others() -> str:
    """Everything of a million calls that memory doesn't change."""
    found = per_million(US_EAST_1, Call(PROCESSOR_MB, 0.0))
    rows = [[name, f"{cost:.2f}"] for name, cost in found.items() if name != "Lambda duration"]
    total = sum(cost for name, cost in found.items() if name != "Lambda duration")
    return _table(["for a million calls", "$"], [*rows, ["together", f"{total:.2f}"]])


def ways() -> str:
    """What keeping something started costs in a month, and from how many calls on it pays."""
    fee = charges.managed_instances(US_EAST_1, "m7g.xlarge", MONTH_HOURS) * MANAGED_INSTANCES
    m5 = US_EAST_1.instance_hour["ml.m5.large"] * MONTH_HOURS
    kept = charges.provisioned(US_EAST_1, 1, MONTH_HOURS, PROCESSOR_MB)
    fast, slow = (_on_demand(ms) for ms in (RUNTIME_MS, SLOW_MS))
    rows = [
        [name, f"{month:,.0f}", f"{month / fast:,.0f}", f"{month / slow:,.0f}"]
        for name, month in (
            ("SageMaker: one ml.m5.large", m5),
            (f"Lambda Managed Instances: {MANAGED_INSTANCES} m7g.xlarge, the least", fee),
        )
    ]
    saved = charges.lambda_duration(US_EAST_1, MILLION, SLOW_MS / 1000, PROCESSOR_MB)
    saved -= charges.provisioned_duration(US_EAST_1, MILLION, SLOW_MS / 1000, PROCESSOR_MB)
    name = f"Lambda: one provisioned instance of {PROCESSOR_MB:,} MB"
    rows.insert(0, [name, f"{kept:,.2f}", "never", f"{kept / saved:,.0f}"])
    serverless = charges.serverless(US_EAST_1, MILLION, SLOW_MS / 1000, SERVERLESS_MB)
    note = (
        f"\n\nA million calls of {SLOW_MS:g} ms are ${slow:.2f} on demand at {PROCESSOR_MB:,} MB, "
        f"requests\nincluded, and ${serverless:.2f} on a serverless endpoint of SageMaker with "
        f"{SERVERLESS_MB:,} MB."
    )
    header = [
        "kept started",
        "$ a month",
        "pays from so many million calls of 1 ms",
        f"of {SLOW_MS:g} ms",
    ]
    return _table(header, rows) + note


def _on_demand(milliseconds: float) -> float:
    duration = charges.lambda_duration(US_EAST_1, MILLION, milliseconds / 1000, PROCESSOR_MB)
    return duration + charges.lambda_requests(US_EAST_1, MILLION)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *("---:" for _ in header[1:])]
    return "\n".join(
        ["| " + " | ".join(header) + " |", "|" + "|".join(rule) + "|"]
        + ["| " + " | ".join(row) + " |" for row in rows]
    )


def all_tables() -> list[str]:
    """Return the tables in the page's order."""
    figures = measured()
    return [others(), durations(figures), cold_starts(figures), ways()]


if __name__ == "__main__":
    print("\n\n".join(all_tables()))
