"""The setting `environments`."""

import pytest

from stacks.settings.environments import DEFAULT_ENVIRONMENTS
from stacks.settings.errors import SettingsError
from stacks.settings.settings import Settings


def test_by_default_all_older_versions_are_built() -> None:
    assert Settings.from_context({}).environments == DEFAULT_ENVIRONMENTS


def test_a_few_may_be_named_or_none() -> None:
    named = Settings.from_context({"environments": "sklearn-1.5,sklearn-1.7"})
    assert named.environments == ("sklearn-1.5", "sklearn-1.7")
    assert Settings.from_context({"environments": ""}).environments == ()


@pytest.mark.parametrize("value", ["sklearn-1.0", "sklearn-1.5,torch-9", "default"])
def test_an_unknown_one_stops_the_synth_with_those_that_there_are(value: str) -> None:
    with pytest.raises(SettingsError, match=r"There are: .*sklearn-1\.5"):
        Settings.from_context({"environments": value})


@pytest.mark.parametrize("value", ["../x", "Sklearn", "a b", ["sklearn-1.5", "sklearn-1.5"]])
def test_what_is_no_name_stops_it(value: object) -> None:
    with pytest.raises(SettingsError, match="environments"):
        Settings.from_context({"environments": value})
