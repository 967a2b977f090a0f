"""The scanner against its corpus: no attack passes, and no honest model is refused."""

import gzip
import io
import pickle
import zlib
from pathlib import Path

import joblib
import numpy as np
import pytest

from modelmount_compiler.frameworks.loading_policy import policy
from preparation.scan.pickle_scan import scan
from serving.errors import UploadRejected
from tests.lambdas.preparation.honest import FITTED, FRAME, WAYS, by_joblib
from tests.lambdas.preparation.malicious import AFTER_ARRAY, GADGETS, MALICIOUS, SHAPES, called

MAX_BYTES = 2**30
# What Python 2 called them, and pickles of protocols 0 to 2 still do.
MODERN = {"__builtin__": "builtins", "commands": "subprocess"}


def refusal(tmp_path: Path, data: bytes, max_bytes: int = MAX_BYTES) -> UploadRejected:
    path = tmp_path / "model"
    path.write_bytes(data)
    with pytest.raises(UploadRejected) as refused:
        scan(path, "joblib", max_bytes)
    return refused.value


def test_the_corpus_is_large_enough() -> None:
    assert len(MALICIOUS) >= 30
    assert len(FITTED) >= 30


@pytest.mark.parametrize("name", MALICIOUS)
def test_an_attack_is_refused(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path, MALICIOUS[name]).rejection_code == "UNSAFE_PICKLE"


@pytest.mark.parametrize("name", GADGETS)
def test_the_refusal_names_what_would_be_called(tmp_path: Path, name: str) -> None:
    module, function = GADGETS[name][:2]
    reason = str(refusal(tmp_path, MALICIOUS[f"{name}-2"]))
    assert f"{MODERN.get(str(module), module)}.{function}" in reason
    assert "skops.io.dump" in reason
    assert "your own" in reason


def test_every_offending_name_is_told_but_not_endlessly(tmp_path: Path) -> None:
    calls = b"".join(called("os", f"f{i:02}") for i in range(50))
    reason = str(refusal(tmp_path, b"\x80\x02" + calls + b"."))
    assert "os.f00, os.f01" in reason
    assert "os.f40" not in reason


@pytest.mark.filterwarnings("ignore")  # how scikit-learn feels about so little data
@pytest.mark.parametrize("name", FITTED)
def test_an_honest_model_passes_however_it_is_saved(tmp_path: Path, name: str) -> None:
    model = FITTED[name]()
    path = tmp_path / "model"
    passed = []
    for way, save in WAYS.items():
        path.write_bytes(save(model))
        scan(path, "joblib", MAX_BYTES)
        passed.append(way)
    assert passed == list(WAYS)


def test_several_pickles_in_a_file_are_all_read(tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.write_bytes(by_joblib(np.arange(3), 0) * 3)
    scan(path, "joblib", MAX_BYTES)
    after = refusal(tmp_path, by_joblib(np.arange(3), 0) * 3 + SHAPES["protocol-0"])
    assert "posix.system" in str(after)


@pytest.mark.parametrize("compress", [0, ("zlib", 3), ("xz", 1)])
def test_a_truncated_file_is_corrupt(tmp_path: Path, compress: object) -> None:
    data = by_joblib({"weights": np.arange(1000.0)}, compress)
    assert refusal(tmp_path, data[: len(data) // 2]).rejection_code == "CORRUPT_FILE"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(by_joblib(np.zeros(2**22), ("zlib", 9)), id="zlib"),
        pytest.param(by_joblib(np.zeros(2**22), ("bz2", 9)), id="bz2"),
        pytest.param(by_joblib(np.zeros(2**22), ("xz", 1)), id="xz"),
        pytest.param(zlib.compress(b"\x80\x02V" + b"a" * 2**25), id="endless-line"),
        pytest.param(b"\x80\x04\x95" + b"\xff" * 7 + b"\x7fN.", id="frame"),
        pytest.param(b"\x80\x04\x8e" + b"\xff" * 6 + b"\x00\x00N.", id="bytes"),
        pytest.param(b"\x80\x05\x96" + b"\xff" * 6 + b"\x00\x00N.", id="bytearray"),
    ],
)
def test_a_bomb_is_refused_for_its_size(tmp_path: Path, data: bytes) -> None:
    assert len(data) < 2**20
    error = refusal(tmp_path, data, max_bytes=2**24)
    assert error.rejection_code == "OUT_OF_MEMORY"
    assert "memory_mb" in str(error)


def test_what_comes_before_the_limit_is_still_named(tmp_path: Path) -> None:
    bomb = by_joblib([AFTER_ARRAY, np.zeros(2**22)], ("zlib", 9))
    assert "posix.system" in str(refusal(tmp_path, bomb, max_bytes=2**24))


def test_joblibs_oldest_format_is_refused(tmp_path: Path) -> None:
    assert "0.10" in str(refusal(tmp_path, b"ZF0x10" + b" " * 40))


@pytest.mark.parametrize(
    "name",
    [
        "xgboost.sklearn.XGBClassifier",
        "xgboost.core.Booster",
        "lightgbm.sklearn.LGBMRegressor",
        "lightgbm.basic.Booster",
        "catboost.core.CatBoostClassifier",
    ],
)
def test_models_of_other_libraries_are_known(name: str) -> None:
    assert policy.for_version().may_name(name)


def test_frames_are_no_part_of_a_model(tmp_path: Path) -> None:
    for data in (FRAME, FRAME["age"], {"weights": FRAME}):
        assert "pandas." in str(refusal(tmp_path, pickle.dumps(data)))


@pytest.mark.parametrize("method", ["gzip", "zlib"])
@pytest.mark.parametrize("rest", [b"junk", zlib.compress(b"N."), gzip.compress(b"N.") * 3])
def test_what_follows_a_compressed_model_is_damage(
    tmp_path: Path, method: str, rest: bytes
) -> None:
    error = refusal(tmp_path, by_joblib(np.arange(3), (method, 3)) + rest, 2**24)
    assert error.rejection_code == "CORRUPT_FILE"
    assert "follows" in str(error)


def test_a_model_that_goes_on_in_a_second_stream_is_damaged(tmp_path: Path) -> None:
    data = by_joblib(np.arange(1000.0), 0)
    halves = gzip.compress(data[:50]) + gzip.compress(data[50:])
    assert refusal(tmp_path, halves, 2**24).rejection_code == "CORRUPT_FILE"


def test_the_scan_reads_what_joblib_reads(tmp_path: Path) -> None:
    """Arrays of every layout between two markers: to miss by a byte is to lose the second."""
    arrays: list[object] = [
        np.arange(7, dtype="i1"),
        np.asfortranarray(np.ones((3, 5), "f4")),
        np.array("a single text"),
        np.array([{"of": "objects"}, np.ones(3)], dtype=object),
        np.zeros((0, 4)),
        np.array([(1, 2.0)], [("a", "i2"), ("b", ">f8")]),
        np.array(["2026-01-01"], "M8[D]"),
        np.ones(2**18),
    ]
    for compress in (0, ("gzip", 3)):
        for protocol in (2, 3, 4, 5):
            data = by_joblib(["first", *arrays, "last"], compress, protocol)
            assert joblib.load(io.BytesIO(data))[-1] == "last"
            evil = by_joblib(["first", *arrays, AFTER_ARRAY], compress, protocol)
            assert "posix.system" in str(refusal(tmp_path, evil))
            (tmp_path / "model").write_bytes(data)
            scan(tmp_path / "model", "joblib", MAX_BYTES)
