"""A sample of `python -m tests.fuzz.values`: no value makes a model fail."""

import pytest

from tests.fuzz.values import models
from tests.fuzz.values.trial import Tally, try_model

VALUES = (None, "x", True, 10**400, 2**63, [1], {"a": 1})
SAMPLE = ("mixed", "CatBoost", "XGBoost", "calibrated", "objects of any names", "pairs", "words")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SAMPLE)
def test_no_value_makes_a_model_fail(name: str) -> None:
    tally = Tally()
    try_model(name, models.built()[name](), tally, VALUES)
    assert tally.faults == []
    assert tally.outcomes["models"] == 1
    assert tally.outcomes["refused"] > 10
    assert tally.outcomes["refused without a place"] == 0
