import io
import pickle
from pathlib import Path

import joblib
import numpy as np
import pytest
import skops.io

from serving.errors import UploadRejected
from serving.formats import FORMATS, check_extension, recognise
from tests.lambdas.deployment import classifier


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
    path = tmp_path / f"model{extension}"
    path.write_bytes(content)
    with pytest.raises(UploadRejected) as refused:
        recognise(path)
    assert refused.value.rejection_code == "CORRUPT_FILE"
    assert "dump" in str(refused.value)


def test_a_zip_that_is_no_skops_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    buffer = io.BytesIO()
    np.savez(buffer, weights=np.arange(3))
    path.write_bytes(buffer.getvalue())
    with pytest.raises(UploadRejected):
        recognise(path)


@pytest.mark.parametrize("filename", ["model.txt", "model", "model.joblib.bak", "joblib"])
def test_an_unknown_extension_is_refused_with_those_accepted(filename: str) -> None:
    with pytest.raises(UploadRejected) as refused:
        check_extension(filename)
    assert refused.value.rejection_code == "UNSUPPORTED_FORMAT"
    assert ".joblib" in str(refused.value)


def test_upper_case_extensions_are_taken() -> None:
    assert check_extension("IRIS.JOBLIB") == "joblib"
