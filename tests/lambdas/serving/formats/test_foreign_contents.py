"""What isn't a model is told as what it is, whatever its name."""

import bz2
import gzip
import io
import json
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from serving.errors import UploadRejected
from serving.formats.foreign_contents import HEAD_BYTES
from serving.formats.model_formats import check_start, recognise

R_OBJECT = b"X\n\x00\x00\x00\x03\x00\x04\x02\x00\x00\x03\x05\x00"


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return buffer.getvalue()


def old_xgboost(mark: bytes) -> bytes:
    """Return the start of XGBoost's old binary format: parameters, objective, booster."""
    texts = b"".join(struct.pack("<Q", len(t)) + t for t in (b"binary:logistic", b"gbtree"))
    return mark + struct.pack("<fI", 0.5, 4) + bytes(128) + texts + bytes(160)


def torch_start() -> bytes:
    return pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2) + pickle.dumps(1001, protocol=2)


def parquet_like(mark: bytes) -> bytes:
    return mark + bytes(64) + mark


def npy() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.arange(3))
    return buffer.getvalue()


KNOWN: dict[str, tuple[bytes, str, str]] = {
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
            "POINTER_FILE", "git lfs pull"),
    "annex": (b"/annex/objects/SHA256E-s31390--f50d7a.pkl\n", "POINTER_FILE", "git annex get"),
    "annex link": (b"../.git/annex/objects/Wx/x/SHA256E-s3--f5.pkl", "POINTER_FILE", "annex"),
    "dvc": (b"outs:\n- md5: a304afb96060aad90176268345e10355\n  path: m.pkl\n",
            "POINTER_FILE", "dvc pull"),
    "xgboost binf": (old_xgboost(b"binf"), "OLD_XGBOOST_FORMAT", "before 3.1"),
    "xgboost raw": (old_xgboost(b""), "OLD_XGBOOST_FORMAT", ".ubj"),
    "xgboost dump": (b"booster[0]:\n0:[f2<2.45] yes=1,no=2\n", "FORMAT_NOT_SERVED", "save_model"),
    "xgboost dump 2": (b"booster[0]\n0:[f2<2.45]\n", "FORMAT_NOT_SERVED", "save_model"),
    "lightgbm dump": (json.dumps({"name": "tree", "version": "v4"}).encode(),
                      "FORMAT_NOT_SERVED", "booster_"),
    "catboost json": (b'{"features_info":{},"oblivious_trees":[]}', "FORMAT_NOT_SERVED", ".cbm"),
    "html": (b"<!DOCTYPE html>\n<html lang=en>", "NOT_A_MODEL", "HTML page"),
    "s3 error": (b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code>',
                 "NOT_A_MODEL", "error message of S3"),
    "pmml": (b'<?xml version="1.0"?>\n<PMML version="4.4">', "FORMAT_NOT_SERVED", "PMML"),
    "notebook": (b'{"cells": [], "metadata": {}}', "NOT_A_MODEL", "notebook"),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(64), "FORMAT_NOT_SERVED", "Keras"),
    "keras": (zipped("metadata.json", "config.json", "model.weights.h5"),
              "FORMAT_NOT_SERVED", "Keras"),
    "torch zip": (zipped("archive/data.pkl", "archive/version"), "FORMAT_NOT_SERVED", "PyTorch"),
    "torch old": (torch_start(), "FORMAT_NOT_SERVED", "PyTorch"),
    "tflite": (b"\x1c\x00\x00\x00TFL3" + bytes(64), "FORMAT_NOT_SERVED", "TensorFlow Lite"),
    "safetensors": (struct.pack("<Q", 16) + b'{"a":{}}        ', "FORMAT_NOT_SERVED", "weights"),
    "coreml": (b"\x08\x04\x12\x02\x0a\x00\xe2\x12\x02\x0a\x00", "FORMAT_NOT_SERVED", "Core ML"),
    "rds": (gzip.compress(R_OBJECT), "FORMAT_NOT_SERVED", "R object"),
    "rdata": (bz2.compress(b"RDX3\n" + R_OBJECT), "FORMAT_NOT_SERVED", "R object"),
    "mojo": (zipped("model.ini", "trees/t00_000.bin"), "FORMAT_NOT_SERVED", "H2O"),
    "csv": (b"a,b,label\n1,2,x\n3,4,y\n", "NOT_A_MODEL", "CSV"),
    "csv long": (b"a;b\n" + b"1;2\n" * 5000, "NOT_A_MODEL", "CSV"),
    "parquet": (parquet_like(b"PAR1"), "NOT_A_MODEL", "Parquet"),
    "arrow": (parquet_like(b"ARROW1\x00\x00"), "NOT_A_MODEL", "Arrow"),
    "npy": (npy(), "NOT_A_MODEL", "NumPy array"),
    "npz": (zipped("x.npy"), "NOT_A_MODEL", "NumPy arrays"),
    "plain zip": (zipped("model.pkl"), "NOT_A_MODEL", "Name it .zip"),
    "png": (b"\x89PNG\r\n\x1a\n", "NOT_A_MODEL", "picture"),
    "empty": (b"", "EMPTY_FILE", "0 bytes"),
}  # fmt: skip


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "model.onnx", "model.dat", "model"])
@pytest.mark.parametrize("kind", KNOWN)
def test_it_is_told_whatever_the_name(tmp_path: Path, kind: str, name: str) -> None:
    content, code, text = KNOWN[kind]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UploadRejected) as refused:
        recognise(path)
    assert refused.value.rejection_code == code
    assert text in str(refused.value)
    assert repr(name) in str(refused.value)
    assert "Traceback" not in str(refused.value)


@pytest.mark.parametrize("kind", [kind for kind in KNOWN if "zip" not in kind])
def test_it_is_told_by_its_start_alone(kind: str) -> None:
    content, code, _ = KNOWN[kind]
    with pytest.raises(UploadRejected) as refused:
        check_start("model.weird", content[:HEAD_BYTES])
    assert refused.value.rejection_code == code


def test_a_name_that_tells_more_than_the_content_is_told() -> None:
    with pytest.raises(UploadRejected, match="extension of models of Keras") as refused:
        check_start("model.h5", b"nothing known")
    assert refused.value.rejection_code == "UNSUPPORTED_FORMAT"


@pytest.mark.parametrize("name", ["model.dat", "model", "model.weird"])
def test_what_begins_like_a_model_is_looked_at_as_a_whole(name: str) -> None:
    for protocol in range(2, 6):
        check_start(name, pickle.dumps([1], protocol))
