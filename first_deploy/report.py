"""The report of a run, as Markdown to paste into an issue."""

from collections import Counter
from collections.abc import Mapping, Sequence

from first_deploy.check import Check
from first_deploy.result import Result

COLUMNS = "| | check | outcome | answer | seconds |\n|---:|---|---|---|---:|"


def report(
    where: str,
    versions: str,
    estimate: str,
    checks: Sequence[Check],
    results: Mapping[int, Result],
    *,
    is_local: bool,
) -> str:
    """Return the report; a check without a result wasn't reached."""
    found = {check.number: _result(check, results) for check in checks}
    counts = Counter(result.outcome for result in found.values())
    summary = ", ".join(f"{number} {outcome}" for outcome, number in counts.most_common())
    rows = [_row(check, found[check.number]) for check in checks]
    parts = [
        "# First deployment",
        f"- {where}\n- {versions}\n- {estimate}\n- {summary}",
        "\n".join([COLUMNS, *rows]),
        _expected(checks, found),
    ]
    if is_local:
        parts.append(_limits(checks))
    return "\n\n".join(part for part in parts if part) + "\n"


def table(checks: Sequence[Check]) -> str:
    """Return the table of docs/first-deploy.md."""
    rows = [
        f"| {c.number} | {c.title} | {c.expected} | {', '.join(map(_link, c.rests_on))} |"
        for c in checks
    ]
    return "\n".join(["| | check | expected | rests on |", "|---:|---|---|---|", *rows])


def _link(source: str) -> str:
    if source.startswith("https://"):
        host, _, path = source.removeprefix("https://").partition("/")
        page = path.rstrip("/").rpartition("/")[2].partition("#")[0].removesuffix(".html")
        return f"[{page or host}]({source})"
    if source.startswith("docs/"):
        path = source.removeprefix("docs/")
        return f"[{path}]({path})"
    return source


def _result(check: Check, results: Mapping[int, Result]) -> Result:
    if check.ask is None and check.by_hand:
        return Result(check.number, "by hand", check.by_hand)
    return results.get(check.number, Result(check.number, "not reached", ""))


def _row(check: Check, result: Result) -> str:
    answer = result.answer.replace("|", "\\|").replace("\n", " ")
    seconds = f"{result.seconds:.1f}" if result.seconds else ""
    return f"| {check.number} | {check.title} | {result.outcome} | {answer} | {seconds} |"


def _expected(checks: Sequence[Check], results: Mapping[int, Result]) -> str:
    wrong = [c for c in checks if results[c.number].outcome in ("differs", "failed")]
    if not wrong:
        return ""
    lines = [f"- {c.number}: {c.expected} ({', '.join(c.rests_on)})" for c in wrong]
    return "\n".join(["What was expected instead:", "", *lines])


def _limits(checks: Sequence[Check]) -> str:
    lines = [f"- {c.number}: {c.here}" for c in checks if c.here]
    return "\n".join(["What a local run doesn't show:", "", *lines])
