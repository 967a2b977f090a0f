"""A sample of the mutants, with a fixed budget; docs/security.md has the figures of a long run."""

import time
from pathlib import Path

import pytest

from tests.fuzz.native import bases, results
from tests.fuzz.native.processes import fuzz

pytestmark = pytest.mark.slow

SECONDS = 30 / len(bases.MAKERS)
MUTANTS = 400


@pytest.mark.parametrize("kind", bases.MAKERS)
def test_no_mutant_ends_inference(tmp_path: Path, kind: str) -> None:
    seed = int(time.time())
    print(f"again: python -m tests.fuzz.native --format {kind} --seed {seed} --mutants {MUTANTS}")
    tally = fuzz(kind, seed, MUTANTS, tmp_path, SECONDS)
    assert tally.faults == []
    assert tally.run > 0


def test_the_page_has_the_figures_of_long_runs(root: Path) -> None:
    assert results.table() in (root / "docs" / "security.md").read_text("utf-8")
