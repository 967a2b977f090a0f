import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.errors import UploadRejected
from serving.records.manifest import Source
from serving.records.naming import MAX_NAME_BYTES, is_valid_name
from serving.records.object_keys import MAX_DEPTH, InvalidKey, ObjectKey, read_key
from serving.records.versions import derive_version, order


@pytest.mark.parametrize(
    ("key", "model", "version", "filename"),
    [
        ("iris.joblib", "iris", None, "iris.joblib"),
        ("iris/model.joblib", "iris", None, "model.joblib"),
        ("iris/3/model.joblib", "iris", "3", "model.joblib"),
        ("iris/3/code/inference.py", "iris", "3", "code/inference.py"),
        ("iris/3/model.json", "iris", "3", "model.json"),
        ("iris.v2.pkl", "iris.v2", None, "iris.v2.pkl"),
        ("modèle d+1.joblib", "modèle d+1", None, "modèle d+1.joblib"),
        ("100%.skops", "100%", None, "100%.skops"),
    ],
)
def test_keys_of_the_table(key: str, model: str, version: str | None, filename: str) -> None:
    name = ObjectKey.parse(key)
    assert name == read_key(key)
    assert (name.model, name.version, name.filename) == (model, version, filename)


@pytest.mark.parametrize(
    "key",
    [
        "a/b/" + "c/" * MAX_DEPTH + "d.joblib",
        "a/b/c//d.joblib",
        "a/b/../d.joblib",
        "a/b/.c/d.joblib",
        "/iris.joblib",
        "iris//model.joblib",
        ".hidden.joblib",
        "../iris.joblib",
        "iris/../model.joblib",
        "iris/.pinned/model.joblib",
        "iris\n.joblib",
        "iris\x00.joblib",
        "x" * (MAX_NAME_BYTES + 1) + "/model.joblib",
        "é" * (MAX_NAME_BYTES // 2) + "e/model.joblib",
    ],
)
def test_keys_that_name_no_model_are_refused_with_the_reason(key: str) -> None:
    with pytest.raises(UploadRejected) as refused:
        ObjectKey.parse(key)
    assert refused.value.rejection_code == "INVALID_KEY"
    assert len(str(refused.value)) > 20
    assert read_key(key) == InvalidKey(key, "INVALID_KEY", str(refused.value))


@pytest.mark.parametrize(
    ("key", "prefix", "is_it"),
    [
        ("iris/3/model.json", "iris/3/", True),
        ("iris/3/code/model.json", "iris/3/", False),
        ("iris/3/model.joblib", "iris/3/", False),
        ("iris/model.json", None, False),
        ("model.json", None, False),
    ],
)
def test_the_folder_of_a_version(key: str, prefix: str | None, is_it: bool) -> None:
    parsed = ObjectKey.parse(key)
    assert (parsed.version_prefix, parsed.is_model_json) == (prefix, is_it)
    assert parsed.model_json == (prefix and f"{prefix}model.json")


@pytest.mark.parametrize(
    ("key", "prefix", "is_it"),
    [
        ("iris/3/.x/a", "iris/3/", False),
        (".x/3/model.json", ".x/3/", True),
        (".x/3/code/model.json", ".x/3/", False),
        (".x/model.json", None, False),
        (".x", None, False),
    ],
)
def test_the_folder_of_an_invalid_key(key: str, prefix: str | None, is_it: bool) -> None:
    parsed = read_key(key)
    assert isinstance(parsed, InvalidKey)
    assert (parsed.version_prefix, parsed.is_model_json) == (prefix, is_it)


def test_two_spellings_of_one_name_are_one_model() -> None:
    composed, decomposed = (unicodedata.normalize(form, "modèle") for form in ("NFC", "NFD"))
    assert composed != decomposed
    keys = [ObjectKey.parse(f"{name}.joblib") for name in (decomposed, composed)]
    assert keys[0].model == keys[1].model


@given(st.text(max_size=80))
def test_an_accepted_name_can_never_leave_its_folder(name: str) -> None:
    if is_valid_name(name):
        assert "/" not in name
        assert name not in ("", ".", "..")
        assert "\x00" not in name


def test_a_derived_version_depends_on_the_object_alone() -> None:
    version = derive_version("2026-11-21T01:02:03Z", "abc")
    assert version.startswith("20261121T010203Z-")
    assert version == derive_version("2026-11-21T02:02:03+01:00", "abc")
    assert version != derive_version("2026-11-21T01:02:03Z", "abd")


def source(modified: str, sequencer: str = "", version_id: str = "v") -> Source:
    return Source("models", "key", version_id, modified, "etag", 1, sequencer)


def test_order_of_versions() -> None:
    early, late = "2026-11-21T01:02:03Z", "2026-11-21T01:02:04Z"
    ascending = [
        order("x", source(early, "0A")),
        order("x", source(early, "0A1")),  # the longer one of two, compared padded on the right
        order("x", source(early, "0B")),
        order("9", source(early, "01")),
        order("10", source(early, "01")),
        order("x", source(late, "01")),
    ]
    assert ascending == sorted(ascending)
    assert len(set(ascending)) == len(ascending)


def test_what_was_listed_is_the_newest_of_its_key_and_second() -> None:
    moment = "2026-11-21T01:02:03Z"
    assert order("x", source(moment)) > order("x", source(moment, "FF"))


def test_sequencers_of_different_keys_are_not_compared() -> None:
    first = source("2026-11-21T01:02:03Z", "FF")
    second = replace(first, key="key2", sequencer="01")
    assert order("x", second) > order("x", first)
