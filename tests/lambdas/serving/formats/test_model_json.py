"""`model.json` as uploaders write it, right and wrong."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmount_compiler.chain import Statement
from serving.errors import UploadRejected
from serving.formats import model_json
from serving.formats.model_json import MAX_BYTES, MAX_FILES, Example
from serving.formats.pieces import MOST_PIECES

DIGEST = "0123456789abcdef" * 4
EXAMPLE = {"instances": [[1.0]], "predictions": [0]}


def text(**fields: Any) -> bytes:
    return json.dumps({"files": {"model.joblib": DIGEST}, **fields}).encode()


def listing(*paths: str, **fields: Any) -> bytes:
    return json.dumps({"files": dict.fromkeys(paths, DIGEST), **fields}).encode()


def test_what_is_not_given_has_defaults() -> None:
    record = model_json.loads(listing("model.joblib", "code/words.txt"))
    assert record.model_file == "model.joblib"
    assert record.examples == ()
    assert set(record.files.values()) == {DIGEST}


def test_examples_are_read() -> None:
    (example,) = model_json.loads(text(examples=[EXAMPLE])).examples
    assert example == Example(([1.0],), (0,), "predict", 1e-6)
    (example,) = model_json.loads(
        text(examples=[{**EXAMPLE, "method": "predict_proba", "tolerance": 1}])
    ).examples
    assert (example.method, example.tolerance) == ("predict_proba", 1.0)


def test_a_digest_in_capitals_and_a_byte_order_mark_are_what_windows_writes() -> None:
    data = b"\xef\xbb\xbf" + json.dumps({"files": {"model.pkl": DIGEST.upper()}}).encode()
    assert model_json.loads(data).files == {"model.pkl": DIGEST}


def test_main_chooses_among_models() -> None:
    record = model_json.loads(listing("a.joblib", "sub/b.skops", main="sub/b.skops"))
    assert record.model_file == "sub/b.skops"


def test_several_files_can_be_one_model() -> None:
    found = model_json.loads(listing("scaler.pkl", "clf.pkl", "columns.json"))
    assert found.model_file == "clf.pkl"
    assert found.statement == Statement()
    stated = ["scaler.pkl", {"file": "b.bin#1", "columns": ["x"]}]
    found = model_json.loads(listing("b.bin", "scaler.pkl", chain=stated, labels="le.pkl"))
    assert found.model_file == "b.bin"
    assert found.statement == Statement(stated, labels="le.pkl")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not JSON|Expecting value"),
        (b"[]", "expected an object"),
        (b"\xff\xfe\x00", "decode|Expecting|truncated"),
        (b"[" * 100_000, "recursion"),
        (b" " * (MAX_BYTES + 1), "larger than"),
        (b"{}", r"\$\.files is missing"),
        (b'{"files": []}', r"\$\.files is \[\]"),
        (b'{"files": {}}', "0 files"),
        (b'{"files": {"model.joblib": 3}}', r"\$\.files\.model\.joblib is 3"),
        (b'{"files": {"model.joblib": "abc"}}', "64 hex digits"),
        (b'{"files": {"a.pkl": "1", "a.pkl": "2"}}', "given twice"),
        (text(mian="model.joblib"), "unknown field 'mian'"),
        (b'{"learner": {}, "version": [3, 2, 0]}', r"model of XGBoost. Save it as \.ubj"),
        (text(examples=[{**EXAMPLE, "tol": 1}]), r"examples\[0\] has the unknown field 'tol'"),
        (text(examples=[{"instances": [1]}]), r"examples\[0\]\.predictions is missing"),
        (text(examples=[{"instances": [1], "predictions": []}]), "1 instances and 0 predictions"),
        (text(examples=[{"instances": [], "predictions": []}]), "at least one"),
        (text(examples=[{**EXAMPLE, "method": "fit"}]), r"method is 'fit'"),
        (text(examples=[{**EXAMPLE, "tolerance": -1}]), "a number from 0"),
        (text(examples=[{**EXAMPLE, "tolerance": float("nan")}]), "a number from 0"),
        (text(examples=[{**EXAMPLE, "tolerance": 10**400}]), "too large"),
        (text(main="other.joblib"), r"\$\.main is 'other\.joblib'"),
        (listing("words.txt"), "there are: none"),
        (listing(*(f"{n}.joblib" for n in range(MOST_PIECES + 1))), "'0.joblib', '1.joblib'"),
        (listing("a.joblib", "b.pkl", chain=[]), "no list of files"),
        (listing("a.joblib", "b.pkl", chain=[3]), r"\$\.chain\[0\] is 3"),
        (listing("a.joblib", "b.pkl", chain=["c.pkl"]), r"\$\.chain\[0\] names 'c\.pkl'"),
        (
            listing("a.pkl", "b.pkl", chain=["a.pkl"], main="b.pkl"),
            r"main is 'b\.pkl', which \$\.ch",
        ),
        (listing("a.joblib", "words.csv", main="words.csv"), "that can be loaded"),
        (listing("model.joblib", *(f"{n}.txt" for n in range(MAX_FILES))), "1001 files"),
        (listing("model.joblib", "a/b", "a"), "'a/b' can't lie in 'a'"),
        (listing("model.joblib", "Words", "words"), "differ in case alone"),
        (json.dumps({"files": {"x" * 100_000: 1}}).encode(), r"\$\.files\.xxx"),
    ],
)
def test_what_is_wrong_is_told_and_what_to_write(data: bytes, why: str) -> None:
    with pytest.raises(UploadRejected, match=why) as refused:
        model_json.loads(data)
    assert refused.value.rejection_code == "INVALID_MODEL_JSON"
    assert 'Write {"files"' in str(refused.value)
    assert len(str(refused.value)) < 1500


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/x",
        "../x",
        "a/../x",
        "a//b",
        "a/",
        "./a",
        ".hidden",
        "a/.hidden",
        "a\x00b",
        "x" * 129,
        "/".join("a" * 9),
        "manifest.json",
        "Manifest.JSON",
        "model.json",
    ],
)
def test_a_path_that_leads_elsewhere_or_is_taken_is_refused(path: str) -> None:
    with pytest.raises(UploadRejected, match=r"\$\.files lists") as refused:
        model_json.loads(listing("model.joblib", path))
    assert refused.value.rejection_code == "INVALID_MODEL_JSON"


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_the_bytes_the_answer_is_a_record_or_a_refusal(data: bytes) -> None:
    with pytest.raises(UploadRejected):
        model_json.loads(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["files", "main", "examples", "x"]), JSON))
def test_whatever_the_fields_the_answer_is_a_record_or_a_refusal(fields: dict[str, Any]) -> None:
    with pytest.raises(UploadRejected):
        model_json.loads(json.dumps(fields).encode())
