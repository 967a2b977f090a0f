"""The judge sees what is wrong: otherwise the table would say nothing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.program import file
from serving.records import codec
from tests.versions.child import answers
from tests.versions.judge import judge

X = np.random.default_rng(0).normal(size=(40, 3))
MODEL = LogisticRegression().fit(X, X[:, 0] > 0)


def left(folder: Path, change: Any) -> Path:
    """Leave a folder as the child does, with answers that a function changed."""
    signature = runtime.describe(MODEL)
    file.write(folder / "compiled", compile_model(MODEL, signature))
    (folder / "signature.json").write_text(json.dumps(codec.encode(signature)))
    told = answers(MODEL, X, signature)
    change(told)
    (folder / "answers.json").write_text(json.dumps(told))
    return folder


def nudge(told: list[dict[str, Any]]) -> None:
    shares = next(each for each in told if each["method"] == "predict_proba")
    shares["answer"]["values"][0][0][0] += 1e-8


def flip(told: list[dict[str, Any]]) -> None:
    labels = next(each for each in told if each["method"] == "predict")
    labels["answer"]["values"][0][0] = not labels["answer"]["values"][0][0]


def refuse(told: list[dict[str, Any]]) -> None:
    told[0]["answer"] = None


def test_equal_answers_are_counted(tmp_path: Path) -> None:
    judged = judge(left(tmp_path, lambda _: None), ["predict", "predict_proba"])
    assert judged.wrong == judged.refused == []
    assert judged.equal == 8


@pytest.mark.parametrize("change", [nudge, flip, refuse])
def test_a_difference_is_wrong(tmp_path: Path, change: Any) -> None:
    assert len(judge(left(tmp_path, change), ["predict", "predict_proba"]).wrong) == 1
