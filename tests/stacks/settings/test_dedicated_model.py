"""The setting `dedicated`: its values and the messages for mistakes."""

import json

import pytest

from stacks.settings.dedicated_model import DedicatedModel
from stacks.settings.errors import SettingsError
from stacks.settings.settings import Settings

DEDICATED = {"fraud": {"memory_mb": 2048, "provisioned_concurrency": 2}, "a.b-c": {}}


@pytest.mark.parametrize(
    "value",
    [DEDICATED, json.dumps(DEDICATED), json.dumps(DEDICATED).replace("2048", '"2048"')],
)
def test_models_are_read_from_text_and_from_json(value: object) -> None:
    assert Settings.from_context({"dedicated": value}).dedicated == (
        DedicatedModel("fraud", 2048, 2),
        DedicatedModel("a.b-c", None, 0),
    )


@pytest.mark.parametrize("value", ["", "{}", {}])
def test_there_may_be_none(value: object) -> None:
    assert Settings.from_context({"dedicated": value}).dedicated == ()


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"m": {"memory": 1}}, ".m has a key that is 'memory'; allowed: memory_mb, prov"),
        ({"m": {"memory_mb": 511}}, ".m.memory_mb is 511; allowed: a whole number from 512"),
        ({"m": {"memory_mb": None}}, ".m.memory_mb is None; allowed: a whole number"),
        (
            {"m": {"provisioned_concurrency": -1}},
            ".m.provisioned_concurrency is -1; allowed: a whole number from 0 to 900",
        ),
        ({"m": 3}, '.m is 3; allowed: an object such as {"memory_mb": 2048}, or {}'),
        ({"a/b": {}}, " has a key that is 'a/b'; allowed: a model's name of letters, digits"),
        *[
            ({name: {}}, f" has a key that is {name!r}; allowed: a model's name")
            for name in ("über", "two words", "a:predict", "{x}", "a+", ".a", "", "a" * 129)
        ],
    ],
)
def test_a_bad_part_is_named_with_what_is_allowed(value: object, told: str) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_context({"dedicated": value})

    assert str(error.value).startswith(f"dedicated{told}")
