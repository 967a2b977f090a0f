"""A sample of the table by another seed each day; a failure prints the command that repeats it."""

import datetime
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from environments import installed
from tests.versions import page, zoo
from tests.versions.__main__ import tried

KINDS = 8
# Their meaning or their attributes differ between versions, so each sample has them.
ALWAYS = ("DecisionTreeClassifier", "AdaBoost: SAMME, three", "columns: imputed")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sklearn-1.3", "sklearn-1.6", "sklearn-1.8"])
def test_programs_answer_as_their_versions_originals(
    name: str, environments: Callable[..., Path]
) -> None:
    (environment,) = installed.others(environments(name))
    seed = datetime.datetime.now(datetime.UTC).date().toordinal()
    kinds = [kind.name for kind in zoo.kinds()]
    drawn = np.random.default_rng(seed).choice(kinds, KINDS, replace=False).tolist()
    found = list(tried(environment, 0.0, [*ALWAYS, *drawn]))
    print(page.summary(name, found))
    assert {each.kind for each in found} >= {*ALWAYS}
    assert [fault for each in found for fault in each.faults] == [], f"seed {seed}: {drawn}"
    of_always = {each.kind: each.outcome for each in found if each.kind in ALWAYS}
    assert set(of_always.values()) == {"compiled"}
