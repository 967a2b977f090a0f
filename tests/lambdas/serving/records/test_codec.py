import pytest

from modelmount_compiler.signature import Signature
from serving.errors import RecordError
from serving.records import codec
from serving.records.manifest import Description, Manifest, ModelFile, Source
from serving.records.uploads import Pending

SOURCE = Source("models", "modèle.joblib", "v1", "2026-11-21T01:02:03Z", "etag", 7, "01")
PENDING = Pending("modèle", "3", "c", "now", SOURCE, (ModelFile("m.joblib", 7, "ab"),))
DESCRIPTION = Description(
    format="joblib",
    runtime="sklearn",
    estimator="x.Y",
    signature=Signature("frame", "any", 2, ("a", "b"), True, ("predict",), [["no", "yes"], [0, 1]]),
    memory_bytes=1,
    load_ms=0.5,
    packages={"numpy": "2"},
)


@pytest.mark.parametrize("record", [SOURCE, PENDING, DESCRIPTION])
def test_what_is_written_is_read_back(record: object) -> None:
    assert codec.loads(type(record), codec.dumps(record)) == record


def test_a_manifest_from_before_formats_is_of_the_first() -> None:
    manifest = Manifest("iris", "3", "2026-11-21T01:02:03Z", SOURCE, PENDING.files, DESCRIPTION)
    stored = codec.encode(manifest)
    assert stored.pop("format") == 1
    assert codec.decode(Manifest, stored) == manifest


def test_a_manifest_of_a_newer_format_is_refused() -> None:
    manifest = Manifest("iris", "3", "2026-11-21T01:02:03Z", SOURCE, PENDING.files, DESCRIPTION)
    with pytest.raises(RecordError, match=r"\$\.format is 2, expected"):
        codec.decode(Manifest, {**codec.encode(manifest), "format": 2})


def test_unknown_fields_of_a_newer_writer_are_ignored() -> None:
    assert codec.decode(Source, {**codec.encode(SOURCE), "new": 1}) == SOURCE


def test_a_whole_number_is_taken_for_a_float() -> None:
    data = {**codec.encode(DESCRIPTION), "load_ms": 3}
    assert codec.decode(Description, data).load_ms == 3.0


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"size": "7"}, "$.size"),
        ({"size": True}, "$.size"),
        ({"key": None}, "$.key"),
        ({"bucket": ["models"]}, "$.bucket"),
    ],
)
def test_a_wrong_type_is_named_by_its_path(change: dict[str, object], path: str) -> None:
    with pytest.raises(RecordError, match=path.replace("$", r"\$")):
        codec.decode(Source, {**codec.encode(SOURCE), **change})


def test_a_nested_error_is_named_by_its_path() -> None:
    data = codec.encode(PENDING)
    del data["files"][0]["sha256"]
    with pytest.raises(RecordError, match=r"\$\.files\[0\]\.sha256 is missing"):
        codec.decode(Pending, data)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", '{"a": '])
def test_what_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(RecordError):
        codec.loads(Source, text)
