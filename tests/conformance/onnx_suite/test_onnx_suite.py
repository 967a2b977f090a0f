"""A sample of ONNX's own test suite; docs/onnx.md has the table of all, with its date."""

import json
import time

import pytest

from tests.conformance.onnx_suite import judging, table
from tests.conformance.onnx_suite.__main__ import run, sampled

MODELS = 60


@pytest.mark.slow
def test_a_sample_of_the_suite() -> None:
    seed = int(time.time())
    print(f"again: python -m tests.conformance.onnx_suite --sample {MODELS} --seed {seed}")
    outcomes = run(sampled(MODELS, seed))
    assert [outcome for outcome in outcomes if outcome.verdict in judging.FAULTS] == []
    assert any(outcome.verdict == judging.RIGHT for outcome in outcomes)


def test_the_page_holds_the_results() -> None:
    results = json.loads(table.RESULTS.read_text())
    assert f"{results['date']}, {results['versions']}:" in table.PAGE.read_text()
    for verdicts in results["not right"].values():
        assert verdicts.keys() <= {judging.REFUSED, judging.OTHER}
        assert not any(reason.startswith("CORRUPT") for reason in verdicts[judging.REFUSED])
