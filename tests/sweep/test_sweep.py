"""A sample of the sweep, by another seed each day; a failure prints the command that repeats it."""

import datetime
import time
from pathlib import Path

import numpy as np
import pytest

from tests.sweep import zoo
from tests.sweep.endpoint import Endpoint
from tests.sweep.outcomes import Outcomes, is_equal
from tests.sweep.run import sweep

SECONDS = 30
COMPILE_SECONDS = 3.0  # what isn't proven by then is answered by the original


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::FutureWarning")  # the zoo has what libraries deprecate
def test_a_sample_answers_as_the_originals_do(tmp_path: Path) -> None:
    seed = datetime.datetime.now(datetime.UTC).date().toordinal()
    kinds, outcomes = list(zoo.kinds()), Outcomes()
    ends = time.monotonic() + SECONDS
    endpoint = Endpoint(tmp_path, COMPILE_SECONDS)
    for place in np.random.default_rng(seed).permutation(len(kinds)):
        if time.monotonic() > ends:
            break
        seconds = COMPILE_SECONDS if outcomes.kinds % 3 == 0 else 0.0
        endpoint.compile_seconds = seconds
        sweep(kinds[place], endpoint, f"m{place}", seed, outcomes)
        print(kinds[place].name)
    print(f"seed {seed}\n{outcomes}")
    repeat = f"python -m tests.sweep --seed {seed}"
    assert outcomes.wrong == [], f"{repeat}\n" + "\n".join(outcomes.wrong)
    assert outcomes.right.total() > 0


@pytest.mark.parametrize(
    ("found", "expected", "equal"),
    [
        ([1.0, None], [1.0 + 1e-9, float("nan")], True),
        ([1.0], [1.1], False),
        ([0.0], [1e-3], False),
        ([1], [1.0], True),
        ([1.0], [1], False),
        ([True], [1], False),
        (["a", ["b"]], ["a", ["b"]], True),
        ([1.0], [1.0, 2.0], False),
        ([None], [0.0], False),
    ],
)
def test_a_difference_is_seen(found: object, expected: object, equal: bool) -> None:
    assert is_equal(found, expected) == equal
