"""The setting `key_layouts`: what is a layout, and which two would read one key in two ways."""

from typing import Any

import pytest

from stacks.settings.errors import SettingsError
from stacks.settings.settings import Settings


def layouts(value: Any) -> tuple[str, ...]:
    return Settings.from_context({"key_layouts": value}).key_layouts


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("models/{model}/{version}/…", ("models/{model}/{version}/",)),
        ("models/{model}/{version}/...", ("models/{model}/{version}/",)),
        ("models/{model}", ("models/{model}/",)),
        ("{model}/*/{version}/output/", ("{model}/*/{version}/output/",)),
        ("a/{model}/, b/{model}/{version}", ("a/{model}/", "b/{model}/{version}/")),
        (["mlruns/*/{version}/artifacts/{model}/"], ("mlruns/*/{version}/artifacts/{model}/",)),
    ],
)
def test_a_layout_is_read_in_the_ways_people_write_it(value: Any, read: tuple[str, ...]) -> None:
    assert layouts(value) == read


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a/{model}/{version}/", "a/{version}/{model}/"),
        ("a/{model}/", "*/{model}/"),
        ("a/{model}/{version}/", "a/x/{model}/{version}/"),
        ("*/{version}/{model}/", "a/b/c/d/{model}/"),
        ("{model}/{version}/", "{model}/{version}/output/"),
    ],
)
def test_two_layouts_that_would_read_one_key_are_refused_with_it(one: str, other: str) -> None:
    for pair in ([one, other], [other, one]):
        with pytest.raises(SettingsError, match="both would read the key") as error:
            layouts(pair)
        assert all(repr(layout) in str(error.value) for layout in pair)


@pytest.mark.parametrize(
    "value",
    [
        ["a/{model}/", "a/{model}/{version}/"],  # a file of the second lies too deep for the first
        ["a/{model}/{version}/", "b/{model}/{version}/"],
        ["{model}/models/{version}/", "{model}/runs/{version}/"],
    ],
)
def test_layouts_of_different_keys_stand_side_by_side(value: list[str]) -> None:
    assert layouts(value) == tuple(value)
