"""Writes the table of `docs/compiler/versions.md`: what came of each kind under each version."""

import datetime
import textwrap
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from environments.environment import Environment
from tests.versions.judge import Judged

PAGE = Path(__file__).parents[2] / "docs" / "compiler" / "versions.md"
LETTERS = {"compiled": "✓", "original": "original", "refused": "refused", "not fitted": "-"}
SHOWN = ("numpy", "scipy", "pandas", "xgboost-cpu", "xgboost", "lightgbm", "catboost")
LONGEST = 160


@dataclass(frozen=True)
class Told:
    """What came of one kind in one environment."""

    kind: str
    outcome: str
    reason: str
    flips: int
    judged: Judged | None

    @property
    def faults(self) -> list[str]:
        """What mustn't be: wrong answers, flips, and failures of the product."""
        found = [f"{self.kind}: {each}" for each in (self.judged.wrong if self.judged else ())]
        if self.outcome == "failed":
            found.append(f"{self.kind}: failed: {self.reason}")
        return found


def summary(name: str, found: list[Told]) -> str:
    """Return a line about an environment."""
    counts = Counter(each.outcome for each in found)
    judged = [each.judged for each in found if each.judged]
    return (
        f"{name}: {counts['compiled']} compiled, {counts['original']} original, "
        f"{counts['refused']} refused, {counts['not fitted']} not fitted, "
        f"{sum(each.equal for each in judged)} answers equal, "
        f"{sum(len(each.wrong) for each in judged)} wrong, "
        f"{sum(len(each.refused) for each in judged)} requests refused"
    )


def page(
    found: dict[str, list[Told]],
    environments: dict[str, Environment],
    seed: int,
    seconds: float,
) -> str:
    """Return the page."""
    today = datetime.datetime.now(datetime.UTC).date()
    return f"""# Versions

Written by `python -m tests.versions --write`, which needs the environments. Run on {today} with
seed {seed}{_how(seconds, found)}.

In each environment its own libraries fit a model of each kind and save it, in turns by pickle's
protocols 2 to 5 and by joblib with five compressions. The file is scanned, loaded, described and
compiled there. The original answers rows of its training data, alone and in company, and with gaps.
The program answers the same requests under this deployment's own NumPy. Labels must be equal, and
numbers lie within 1e-9, or 1e-6 where the original computes in single precision.

| environment | libraries | compiled | original | refused | not fitted | answers | wrong |
|---|---|---|---|---|---|---|---|
{"".join(_row(name, each, environments[name]) for name, each in found.items())}
An original is served as it was saved, by a worker of its environment. A kind that isn't fitted is
one that the version itself can't fit with these libraries.

## Kinds that aren't compiled everywhere

All others are compiled under each version. ✓ stands for compiled.

| kind | {" | ".join(name.removeprefix("sklearn-") for name in found)} |
|---|{"---|" * len(found)}
{_kinds(found)}
## Reasons

{_reasons(found)}"""


def _how(seconds: float, found: dict[str, list[Told]]) -> str:
    """Say how many kinds were tried, and whether the gate proved them."""
    kinds = len({each.kind for of in found.values() for each in of})
    gate = f"{seconds:g} s for the gate" if seconds else "without the gate's probes"
    return f": {kinds} kinds, {gate}"


def _row(name: str, found: list[Told], environment: Environment) -> str:
    counts = Counter(each.outcome for each in found)
    held = [f"{each} {version}" for each in SHOWN if (version := environment.version(each))]
    libraries = ", ".join([f"scikit-learn {environment.version('scikit-learn')}", *held])
    judged = [each.judged for each in found if each.judged]
    equal, wrong = sum(each.equal for each in judged), sum(len(each.wrong) for each in judged)
    cells = (
        name,
        libraries,
        *(counts[outcome] for outcome in ("compiled", "original", "refused", "not fitted")),
        f"{equal:,}",
        wrong,
    )
    return f"| {' | '.join(map(str, cells))} |\n"


def _kinds(found: dict[str, list[Told]]) -> str:
    outcomes: dict[str, dict[str, str]] = {}
    for name, of in found.items():
        for each in of:
            outcomes.setdefault(each.kind, {})[name] = LETTERS.get(each.outcome, each.outcome)
    lines = []
    for kind, by_name in outcomes.items():
        cells = [by_name.get(name, "-") for name in found]
        if set(cells) != {"✓"}:
            lines.append(f"| {kind} | {' | '.join(cells)} |\n")
    return "".join(lines)


def _reasons(found: dict[str, list[Told]]) -> str:
    reasons: dict[str, list[str]] = {}
    for name, of in found.items():
        for each in of:
            if each.outcome in ("original", "refused"):
                text = f"{each.kind}: {_plain(each.reason)}"
                reasons.setdefault(text, []).append(name.removeprefix("sklearn-"))
    lines = (f"- {text} ({', '.join(of)})" for text, of in reasons.items())
    return "".join(f"{textwrap.fill(line, 100, subsequent_indent='  ')}\n" for line in lines)


def _plain(reason: str) -> str:
    text = " ".join(reason.split()).replace("|", "/").replace("<", "&lt;").replace("*", "\\*")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
