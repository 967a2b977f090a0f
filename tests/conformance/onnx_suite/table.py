"""The table of the suite's outcomes, and the page that it stands in."""

import datetime
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import onnx
import onnxruntime

from tests.conformance.onnx_suite import judging
from tests.conformance.onnx_suite.cases import VARIANTS
from tests.conformance.onnx_suite.judging import Outcome

RESULTS = Path(__file__).with_name("results.json")
PAGE = Path(__file__).parents[3] / "docs" / "onnx.md"
BEGIN, END = "<!-- suite -->", "<!-- /suite -->"
# What the codes of refusals say; each text of a refusal names operator, version or type.
REASONS = {
    "UNSUPPORTED_VERSION": "IR version or opset newer than ONNX Runtime's",
    "UNSUPPORTED_OPERATOR": "operator, or its types, that ONNX Runtime lacks; training operators",
    "UNSUPPORTED_GRAPH": "a caller's number decides about memory or loops",
    "UNSUPPORTED_SIGNATURE": "types that JSON can't carry: 8-bit floats, 4-bit and 2-bit integers",
    "INVALID_GRAPH": "ONNX Runtime finds the graph invalid, or its attributes unknown",
    "UNSUPPORTED_TYPE": "type that ONNX Runtime lacks",
}
LONGEST = 160
RUNS = {
    "batch": "a run answers a batch",
    "row": "a run answers one row",
    "whole": "an instance is the whole input of a run",
}
Holds = Callable[[Outcome], bool]


def markdown(outcomes: list[Outcome]) -> str:
    """Return the table: a line for each outcome, a column for each variant."""
    columns = [[outcome for outcome in outcomes if outcome.variant == v] for v in VARIANTS]
    lines = [_line("models", columns, lambda _: True)]
    lines.append(_line("accepted", columns, lambda o: o.verdict != judging.REFUSED))
    lines.append(_line("right", columns, _has(judging.RIGHT)))
    lines += [_line(f"- {told}", columns, _is_right(runs)) for runs, told in RUNS.items()]
    lines.append(_line(judging.OTHER, columns, _has(judging.OTHER)))
    lines.append(_line(judging.REFUSED, columns, _has(judging.REFUSED)))
    codes = Counter(_code(outcome) for outcome in outcomes if _code(outcome))
    for code, _ in codes.most_common():
        told = f"- `{code}`: {REASONS.get(code, 'another reason')}"
        lines.append(_line(told, columns, _is_refused(code)))
    lines += [_line(verdict, columns, _has(verdict)) for verdict in judging.FAULTS]
    head = ["| | as they are | first axes free |", "|---|---|---|"]
    return "\n".join([*head, *lines])


def _is_right(runs: str) -> Holds:
    return lambda outcome: outcome.verdict == judging.RIGHT and outcome.runs == runs


def _is_refused(code: str) -> Holds:
    return lambda outcome: _code(outcome) == code


def _has(verdict: str) -> Holds:
    return lambda outcome: outcome.verdict == verdict


def _line(name: str, columns: list[list[Outcome]], holds: Holds) -> str:
    counts = " | ".join(f"{sum(map(holds, column)):,}" for column in columns)
    return f"| {name} | {counts} |"


def _code(outcome: Outcome) -> str:
    is_refused = outcome.verdict == judging.REFUSED
    return outcome.reason.partition(":")[0] if is_refused else ""


def _shortened(reason: str) -> str:
    """Return a reason without the names of a model's own tensors, of a line's length."""
    text = re.sub(r"its input '[^']*'", "its input …", reason)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def write(outcomes: list[Outcome]) -> None:
    """Write the results, and the table into the page."""
    others: dict[str, dict[str, dict[str, list[str]]]] = {}
    for outcome in outcomes:
        if outcome.verdict != judging.RIGHT:
            by_reason = others.setdefault(outcome.variant, {}).setdefault(outcome.verdict, {})
            by_reason.setdefault(_shortened(outcome.reason), []).append(outcome.name)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    versions = f"onnx {onnx.__version__}, ONNX Runtime {onnxruntime.__version__}"
    RESULTS.write_text(
        json.dumps({"date": today, "versions": versions, "not right": others}, indent=1) + "\n"
    )
    text = f"{BEGIN}\n{today}, {versions}:\n\n{markdown(outcomes)}\n{END}"
    page = PAGE.read_text()
    PAGE.write_text(re.sub(f"{BEGIN}.*{END}", lambda _: text, page, flags=re.DOTALL))
