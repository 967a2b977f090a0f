"""What skops files, native files and the files beside a model state."""

import json
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import skops.io
import xgboost
from sklearn.preprocessing import StandardScaler

from preparation.stated import beside, reading
from preparation.stated.stated import Stated
from serving.records import codec

X = np.array([[0.0], [1.0], [2.0]])


def read(path: Path, fmt: str, monkeypatch: pytest.MonkeyPatch) -> Stated:
    reports: list[bytes] = []
    monkeypatch.setattr(reading, "report", reports.append)
    reading.main(path, fmt, 2**28, path.parent)
    return codec.decode(Stated, json.loads(reports[0])["stated"])


def test_skops_states_scikit_learns_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.skops"
    with monkeypatch.context() as patch:
        patch.setattr("sklearn.base.__version__", "1.4.2")
        skops.io.dump(StandardScaler().fit(X), path)
    found = read(path, "skops", monkeypatch)
    assert found.versions == {"scikit-learn": ("1.4.2",)}
    assert set(found.modules) <= {"sklearn", "builtins", "numpy"}
    assert "sklearn" in found.modules


def test_xgboosts_own_file_states_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = xgboost.XGBRegressor(n_estimators=1).fit(X, [1, 2, 3])
    for name in ("model.ubj", "model.json"):
        model.save_model(tmp_path / name)
        found = read(tmp_path / name, "xgboost", monkeypatch)
        assert found.versions == {"xgboost": (xgboost.__version__,)}


@pytest.mark.parametrize("fmt", ["skops", "xgboost", "lightgbm", "onnx"])
def test_a_damaged_file_states_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fmt: str
) -> None:
    path = tmp_path / "model"
    path.write_bytes(b"\x08\x07 no model")
    assert read(path, fmt, monkeypatch) == Stated()
    with ZipFile(path, "w") as archive:
        archive.writestr("schema.json", '{"__module__": 3, "content": {"_sklearn_version": []}}')
    assert read(path, fmt, monkeypatch).versions == {}


def test_mlflow_and_requirements_say_what_the_model_does_not(tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_text(
        "flavors:\n  python_function:\n    python_version: 3.10.12\n  sklearn:\n"
        "    pickled_model: model.pkl\n    sklearn_version: 1.2.2\n"
    )
    (tmp_path / "requirements.txt").write_text(
        "# made by hand\nmlflow==2.9\nscikit-learn==1.3.0\nXGBoost[plot] == 1.7.6 ; python_version"
        ' > "3"\nnumpy>=1.20\ncategory_encoders===2.6.3  # pinned\n-r other.txt\nlightgbm==evil;x\n'
    )
    found, names = beside.read(tmp_path / "model.pkl", tmp_path)
    assert found == {
        "scikit-learn": "1.2.2",
        "mlflow": "2.9",
        "xgboost": "1.7.6",
        "category-encoders": "2.6.3",
    }
    assert names == "MLmodel and requirements.txt"


def test_nothing_above_the_versions_folder_is_read(tmp_path: Path) -> None:
    root = tmp_path / "files"
    (root / "model").mkdir(parents=True)
    (root / "code").mkdir()
    (tmp_path / "requirements.txt").write_text("scikit-learn==1.0.0\n")
    assert beside.read(root / "model" / "model.pkl", root) == ({}, "")
    (root / "code" / "requirements.txt").write_text("scikit-learn==1.5.1\n")
    found = beside.read(root / "model" / "model.pkl", root)
    assert found == ({"scikit-learn": "1.5.1"}, "requirements.txt")
