"""What a new process does before its first answer, and what it leaves for later."""

import subprocess
import sys
from pathlib import Path

import pytest

LATER = {
    "hashlib",
    "serving.records.object_keys",
    "serving.repository.model_status",
    "serving.repository.status_report",
    "serving.records.uploads",
    "shutil",
    *("boto3", "joblib", "pandas", "scipy", "sklearn"),
    *("modelmount_compiler.convert", "serving.api.protocols", "serving.repository.files"),
    *("serving.api.headers.content_codings", "serving.api.headers.preferences"),
    "numpy._typing._char_codes",
}


def run(code: str, root: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root / "lambdas",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_start_imports_nothing_that_only_some_requests_need(root: Path) -> None:
    loaded = run("import sys, inference.proxy; print(*sys.modules)", root)
    assert "numpy" in loaded
    assert not LATER & set(loaded)


def test_the_types_that_numpy_was_imported_without_are_there_when_asked_for(root: Path) -> None:
    code = """
import inference.proxy
import numpy as np, numpy.typing as npt
print(npt.NDArray[np.float64])
from numpy.typing import ArrayLike
import numpy._typing, numpy._typing._array_like
print(ArrayLike is numpy._typing.ArrayLike, numpy.typing.DTypeLike is numpy._typing.DTypeLike)
print(np.linalg.eigh(np.eye(2)).eigenvalues.sum())
"""
    assert run(code, root)[-3:] == ["True", "True", "2.0"]


@pytest.mark.slow
def test_frameworks_can_be_imported_after_it(root: Path) -> None:
    code = """
import inference.proxy
import sklearn.neighbors, scipy.stats, pandas, onnxruntime, xgboost, lightgbm, catboost, skops.io
print(sklearn.neighbors.KNeighborsClassifier(1).fit([[0], [1]], [0, 1]).predict([[1]])[0])
"""
    assert run(code, root) == ["1"]
