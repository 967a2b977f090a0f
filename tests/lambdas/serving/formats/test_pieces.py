"""Which files of an upload are loaded for its model."""

from pathlib import Path

import pytest

from modelmount_compiler.chain import Statement
from serving.errors import UploadRejected
from serving.formats import pieces

PICKLE = b"\x80\x04N."
COLUMNS = b'["a", "b"]'


def _read(folder: Path, files: dict[str, bytes], main: str) -> pieces.Upload:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return pieces.read(folder, main)


def test_pickles_of_one_place_and_lists_beside_them_are_loaded(tmp_path: Path) -> None:
    files = {
        "app/model.pkl": PICKLE,
        "app/scaler.joblib": PICKLE,
        "app/columns.json": COLUMNS,
        "app/metrics.json": b"{}",
        "app/readme.md": b"x",
        "code/own.pkl": PICKLE,
    }
    upload = _read(tmp_path, files, "app/model.pkl")
    found = [("app/model.pkl", "pickle"), ("app/scaler.joblib", "joblib")]
    assert upload.files == (*found, ("app/columns.json", "json"))
    assert upload.pickles == found
    assert upload.statement is None


def test_what_is_stated_is_loaded_alone(tmp_path: Path) -> None:
    stated = b'{"chain": ["b.bin#0", "c.pkl"], "labels": "names.json"}'
    files = {"a.pkl": PICKLE, "b.bin": PICKLE, "c.pkl": PICKLE, "names.json": COLUMNS}
    upload = _read(tmp_path, {**files, "model.json": stated}, "c.pkl")
    assert [name for name, _ in upload.files] == ["c.pkl", "b.bin", "names.json"]
    assert upload.statement == Statement(["b.bin#0", "c.pkl"], labels="names.json")


def test_main_alone_is_loaded_where_it_is_said(tmp_path: Path) -> None:
    stated = b'{"files": {}, "main": "a.pkl"}'
    upload = _read(tmp_path, {"a.pkl": PICKLE, "scaler.pkl": PICKLE, "model.json": stated}, "a.pkl")
    assert upload.files == (("a.pkl", "pickle"),)


@pytest.mark.parametrize("name", ["classifier.pkl", "predictor.pkl", "rf_model.pkl", "final.sav"])
def test_a_models_name_comes_before_a_helpers(name: str) -> None:
    found = pieces.together(["a_vectorizer.pkl", "columns.pkl", name], lambda _: False)
    assert found[0] == name


def test_a_damaged_list_is_told(tmp_path: Path) -> None:
    with pytest.raises(UploadRejected, match=r"'columns\.json' is no JSON"):
        _read(tmp_path, {"a.pkl": PICKLE, "columns.json": b"{"}, "a.pkl")
