import io
import json
import pickle
import tracemalloc
import zipfile
from pathlib import Path

import joblib
import numpy as np
import pytest
import skops.io

from serving.errors import UploadRejected
from serving.formats.file_names import FORMATS, is_model, is_part, models_among
from serving.formats.model_formats import BY_NAME, check_extension, recognise
from serving.records.object_keys import ObjectKey
from tests.lambdas.deployment import classifier
from tests.lambdas.modelmount_compiler.boosted import files
from tests.lambdas.modelmount_compiler.graphs import product

NATIVE = {name: data for name, (data, _) in files().items()} | {"model.onnx": product([[1.0]])}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_pickle_protocol_is_recognised(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(classifier(), protocol))
    assert recognise(path) == "pickle"


@pytest.mark.parametrize("protocol", [0, 1])
def test_old_protocols_of_joblib_are_recognised_with_their_arrays(
    tmp_path: Path, protocol: int
) -> None:
    path = tmp_path / "model.joblib"
    joblib.dump(classifier(), path, protocol=protocol)
    assert recognise(path) == "joblib"


@pytest.mark.parametrize(
    "compress", [0, 1, 3, 9, ("zlib", 5), ("gzip", 3), ("bz2", 3), ("xz", 1), ("lzma", 1)]
)
def test_every_compression_of_joblib_is_recognised(
    tmp_path: Path, compress: int | tuple[str, int]
) -> None:
    path = tmp_path / "model.joblib"
    joblib.dump({"weights": np.arange(1000.0)}, path, compress=compress)
    assert recognise(path) == "joblib"


def test_skops_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    skops.io.dump(classifier(), path)
    assert recognise(path) == "skops"


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize(
    "content", [b"hello there\n", b"{}", b"PK\x03\x04 not a zip", b"\x00" * 64, b"h"]
)
def test_other_content_is_refused_whatever_the_name(
    tmp_path: Path, extension: str, content: bytes
) -> None:
    path = tmp_path / f"m{extension}"
    path.write_bytes(content)
    with pytest.raises(UploadRejected) as refused:
        recognise(path)
    assert refused.value.rejection_code == "CORRUPT_FILE"
    assert BY_NAME[FORMATS[extension]].writer in str(refused.value)


@pytest.mark.parametrize("name", NATIVE)
def test_files_are_recognised_by_content_whatever_their_name(tmp_path: Path, name: str) -> None:
    for other in [*NATIVE, *(f"model{extension}" for extension in FORMATS), "model.dat", "model"]:
        path = tmp_path / other
        path.write_bytes(NATIVE[name])
        assert recognise(path) == FORMATS[Path(name).suffix]


@pytest.mark.parametrize("compress", [0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 1)])
@pytest.mark.parametrize("filename", ["m.sav", "m.p", "m.dat", "m.model", "m", "m.xgb", "m.onnx"])
def test_a_model_dumped_by_joblib_is_recognised_whatever_its_name(
    tmp_path: Path, filename: str, compress: int | tuple[str, int]
) -> None:
    path = tmp_path / filename
    joblib.dump(classifier(), tmp_path / "model.joblib", compress=compress)
    (tmp_path / "model.joblib").rename(path)
    promised = FORMATS.get(path.suffix)
    assert recognise(path) == ("pickle" if promised == "pickle" and not compress else "joblib")


def test_a_truncated_onnx_file_is_told_by_its_length(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    for length in range(1, len(NATIVE["model.onnx"])):
        path.write_bytes(NATIVE["model.onnx"][:length])
        with pytest.raises(UploadRejected):
            recognise(path)


@pytest.mark.parametrize("content", [b"\x08\x01" * 300_000, b"\x0a" + b"\xff" * 100])
def test_what_only_looks_like_onnx_is_soon_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(UploadRejected):
        recognise(tmp_path / "model.onnx")


def test_the_name_of_a_list_of_files_is_refused_with_what_to_do() -> None:
    with pytest.raises(UploadRejected, match=r"list of a version's files.*\.ubj") as refused:
        check_extension("model.json")
    assert refused.value.rejection_code == "UNSUPPORTED_FORMAT"


def test_json_may_be_spaced_out(tmp_path: Path) -> None:
    path = tmp_path / "xgb.json"
    path.write_text(json.dumps(json.loads(NATIVE["xgb.json"]), indent=2), "utf-8")
    assert recognise(path) == "xgboost"


def test_a_zip_that_is_no_skops_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    buffer = io.BytesIO()
    np.savez(buffer, weights=np.arange(3))
    path.write_bytes(buffer.getvalue())
    with pytest.raises(UploadRejected):
        recognise(path)


@pytest.mark.parametrize("filename", ["model.csv", "model", "model.joblib.bak", "joblib"])
def test_an_unknown_extension_is_refused_with_those_accepted(filename: str) -> None:
    with pytest.raises(UploadRejected) as refused:
        check_extension(filename)
    assert refused.value.rejection_code == "UNSUPPORTED_FORMAT"
    assert ".joblib" in str(refused.value)


def test_upper_case_extensions_are_taken() -> None:
    assert check_extension("IRIS.JOBLIB") == "joblib"


@pytest.mark.parametrize(
    ("key", "waits"),
    [
        ("gpt/1/config.json", True),
        ("gpt/1/vocab.txt", True),
        ("gpt/1/notes.md", True),
        ("gpt/1/model.txt", False),
        ("gpt/1/MODEL.TXT", False),
        ("gpt/1/model.ubj", False),
        ("gpt/1/model.xgb", False),
        ("gpt/1/xgboost-model", False),
        ("gpt/1/model.p", False),
        ("gpt/1/words.p", True),
        ("gpt/1/model.onnx.gz", False),
        ("gpt/1/notes.gz", True),
        ("gpt/1/fraud.joblib", False),
        ("gpt/config.json", False),
    ],
)
def test_what_may_be_anything_waits_for_the_list_of_a_version(key: str, waits: bool) -> None:
    assert is_part(ObjectKey.parse(key)) == waits


def test_beside_a_usual_name_another_is_no_model() -> None:
    names = ["words.sav", "sub/model.joblib", "trees.xgb", "notes.md"]
    assert models_among(names) == ["sub/model.joblib"]
    assert models_among(["words.sav", "notes.md"]) == ["words.sav"]


def test_names_that_are_a_model_among_others() -> None:
    names = ["config.json", "model.json", "sub/a.ubj", "b.TXT", "sub/Model.txt", "c"]
    assert [name for name in names if is_model(name)] == ["sub/a.ubj", "sub/Model.txt"]


def test_a_zip_of_an_unknown_version_is_refused_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    skops.io.dump(classifier(), path)
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 6] = 99  # the version that is needed to read it
    path.write_bytes(data)
    with pytest.raises(UploadRejected) as refused:
        recognise(path)
    assert refused.value.rejection_code == "CORRUPT_FILE"


@pytest.mark.parametrize("start", [b"V", b"(lp0\nV", b"T\xff\xff\xff\x7f", b"X\xff\xff\xff\x7f"])
def test_no_file_is_read_whole_to_be_recognised(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "model.pkl"
    with path.open("wb") as file:
        file.write(start)
        file.truncate(2**28)
    tracemalloc.start()
    with pytest.raises(UploadRejected):
        recognise(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2**25


def test_a_directory_of_millions_of_members_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(100):
            archive.writestr(f"{number}", b"")
    data = path.read_bytes()
    start = data.index(b"PK\x01\x02")
    members, end = data[start:-22], data[-22:]
    many = members * 5000  # which are 24 MB
    counted, size = b"\xff\xff\xff\xff", len(many).to_bytes(4, "little")
    path.write_bytes(data[:start] + many + end[:8] + counted + size + end[16:])
    tracemalloc.start()
    with pytest.raises(UploadRejected):
        recognise(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2**25
