"""Every estimator and forty-five pipelines through the compiler and its verifier, as a table.

    PYTHONPATH=.:lambdas python -m benchmarks.serving.coverage [--seconds 60] [--only NAME]

writes docs/compiled-models.md and coverage.json beside this file.
"""

import argparse
import json
import sys
import tempfile
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import joblib

from benchmarks.serving import machine, pipelines, zoo
from benchmarks.serving.zoo import Case
from modelmount_compiler.compilation import Compilation, MethodProof
from preparation.compile import attempt
from serving.errors import UploadRejected

HERE = Path(__file__).parent
LONGEST_REASON = 140
PAGE = HERE.parents[1] / "docs" / "compiled-models.md"
HEADINGS = {
    "classifier": "Classifiers",
    "regressor": "Regressors",
    "pipeline": "Pipelines and transformers",
}


@dataclass(frozen=True)
class Row:
    """The outcome of one case."""

    name: str
    kind: str
    compilation: Compilation

    @property
    def compiled(self) -> list[MethodProof]:
        """The methods that the compiled form answers."""
        if self.compilation.file is None:
            return []
        return [proof for proof in self.compilation.methods if proof.reason is None]


def cases() -> Iterator[Case]:
    """Yield all, by kind."""
    yield from zoo.estimators("classifier")
    yield from zoo.estimators("regressor")
    yield from pipelines.cases()


def judge(case: Case, folder: Path, seconds: float) -> Row | None:
    """Fit, save and compile one case; None where scikit-learn itself can't fit it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            estimator = case.fit()
    except ValueError as error:
        print(f"{case.name} isn't fitted: {error}", file=sys.stderr)
        return None
    path = folder / "model.joblib"
    joblib.dump(estimator, path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compilation = attempt(path, "joblib", folder / "compiled", seconds, [])
        except UploadRejected as error:
            compilation = Compilation(None, str(error))
    return Row(case.name, case.kind, compilation)


def page(rows: list[Row], seconds: float) -> str:
    """Return the table as a page of the documentation."""
    lines = [
        "# Compiled models: what is, how fast, and what isn't",
        "",
        "Made by `benchmarks/serving/coverage.py`: every classifier and regressor of scikit-learn "
        f"that fits a small data set ({zoo.ROWS} x {zoo.FEATURES}) with its defaults, and "
        f"forty-five pipelines, each compiled within {seconds:g} s and held against the original. "
        "Times are medians from decoded request to answer, of one row; the difference is the "
        "largest of all methods' numbers, by max(|b|, 1e-3).",
        "",
        f"Measured on {machine.describe()}.",
    ]
    for kind, heading in HEADINGS.items():
        these = [row for row in rows if row.kind == kind]
        if not these:
            continue
        done = sum(bool(row.compiled) for row in these)
        share = f"{done} of {len(these)} compiled ({100 * done // len(these)} %)"
        lines += ["", f"## {heading}: {share}", ""]
        lines += ["| model | compiled methods | 1 row | 100 rows | probes | flips | difference |"]
        lines += ["|---|---|---:|---:|---:|---:|---:|", *map(_line, these)]
    return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    proofs = row.compiled
    if not proofs:
        return f"| {row.name} | no: {_short(row.compilation.reason)} | | | | | |"
    speeds = [_speed(proofs, rows) for rows in (1, 100)]
    names = ", ".join(f"`{proof.method}`{_range(proof)}" for proof in proofs)
    left = [
        f"`{p.method}` as it is: {_short(p.reason)}" for p in row.compilation.methods if p.reason
    ]
    numbers = (
        f"{min(p.probes for p in proofs):,}",
        f"{sum(p.flips for p in proofs)}",
        f"{max(p.largest_difference for p in proofs):.0e}",
    )
    return "| " + " | ".join((row.name, "; ".join([names, *left]), *speeds, *numbers)) + " |"


def _short(reason: str | None) -> str:
    """Return a reason on one line; a failed proof quotes the whole row that both were asked."""
    return textwrap.shorten(str(reason), LONGEST_REASON, placeholder=" …")


def _speed(proofs: list[MethodProof], rows: int) -> str:
    """Return the first method's speed-up, where the compiled form answers so many rows."""
    first = proofs[0]
    timing = next((t for t in first.timings if t.rows == rows and first.covers(rows)), None)
    return "-" if timing is None else f"{timing.original_us / timing.compiled_us:.1f}x"


def _range(proof: MethodProof) -> str:
    if proof.max_rows is not None:
        return f" up to {proof.max_rows} rows"
    return f" from {proof.min_rows} rows" if proof.min_rows > 1 else ""


def main() -> None:
    """Run all cases and write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving.coverage")
    parser.add_argument("--seconds", type=float, default=60, help="for each model (default 60)")
    parser.add_argument("--only", help="those whose name holds this; prints, and writes nothing")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for case in cases():
            if options.only and options.only not in case.name:
                continue
            row = judge(case, Path(folder), options.seconds)
            if row is not None:
                rows.append(row)
                print(f"{row.compilation.seconds:6.1f} s {_line(row)}", flush=True)
    if not options.only:
        PAGE.write_text(page(rows, options.seconds), encoding="utf-8")
        figures = [asdict(row) for row in rows]
        (HERE / "coverage.json").write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
