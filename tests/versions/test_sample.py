"""A sample of the table by another seed each day; a failure prints the kinds."""

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from environments import installed
from tests.versions import page
from tests.versions.__main__ import ALWAYS as OF_SAMPLES
from tests.versions.__main__ import sample, tried

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
    names = [*ALWAYS, *sample(KINDS, seed)[len(OF_SAMPLES) :]]
    found = list(tried(environment, 0.0, names))
    print(page.summary(name, found))
    assert {each.kind for each in found} >= {*ALWAYS}
    assert [fault for each in found for fault in each.faults] == [], f"seed {seed}: {names}"
    of_always = {each.kind: each.outcome for each in found if each.kind in ALWAYS}
    assert set(of_always.values()) == {"compiled"}
