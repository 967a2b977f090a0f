"""A compiled form is held against its original's answers where it will serve."""

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from modelmount_compiler.compilation import Compilation
from modelmount_compiler.program import Program, file
from preparation import compile as compiling
from preparation import load_time, replay
from preparation.replay import Recorded
from serving.records import codec

X = np.random.default_rng(3).normal(size=(60, 3))
Y = (X[:, 0] > X[:, 1] ** 2).astype(int)
MODELS = {
    "scaled": make_pipeline(StandardScaler(), LogisticRegression()),
    "bayes": GaussianNB(),  # answers NaN for a row that is far away
}
Made = tuple[Program, Recorded, Compilation]


@pytest.fixture(scope="module", params=MODELS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("made")
    joblib.dump(MODELS[request.param].fit(X, Y), folder / "model")
    kept: list[Recorded] = []
    compilation = compiling.attempt(
        folder / "model", "joblib", folder / "form", 60.0, [], keep=kept.append
    )
    return file.read(folder / "form"), kept[0], compilation


def test_a_form_is_equal_where_nothing_differs(made: Made) -> None:
    program, recorded, compilation = made
    assert {asked.method for asked in recorded.asked} >= {"predict", "predict_proba"}
    assert sum(len(asked.instances) for asked in recorded.asked) > 100
    assert replay.check(program, recorded, compilation) is None


def test_a_number_or_label_that_differs_is_told(made: Made) -> None:
    program, recorded, compilation = made
    for method in ("predict", "predict_proba"):
        first = next(each for each in recorded.asked if each.method == method)
        last = first.answers[-1]
        other: Any = 1 - last if method == "predict" else [last[0] + 1e-6, last[1] - 1e-6]
        wrong = [*first.answers[:-1], other]
        changed = dataclasses.replace(first, answers=tuple(wrong))
        told = replay.check(program, dataclasses.replace(recorded, asked=(changed,)), compilation)
        assert told is not None
        assert told.startswith(f"{method} gives")


def test_the_child_that_loads_it_reports_a_difference(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, recorded, compilation = made
    file.write(tmp_path / "form", program)
    report = {"recorded": codec.encode(recorded), "compilation": codec.encode(compilation)}
    (tmp_path / "recorded").write_text(json.dumps(report))
    reports: list[bytes] = []
    monkeypatch.setattr(load_time, "report", reports.append)
    load_time.main(tmp_path / "form", tmp_path / "recorded")
    found = json.loads(reports[0])
    assert found["differs"] is None
    assert found["load_ms"] > 0


@pytest.mark.parametrize(
    ("expected", "got", "equal"),
    [
        (math.nan, math.nan, True),
        ([math.inf, 1.0], [math.inf, 1.0 + 1e-12], True),
        (math.inf, -math.inf, False),
        (math.nan, 0.0, False),
        (1.0, 1.0 + 1e-8, False),
        (0.0, 1e-13, True),
        ("yes", "yes", True),
        (1, 1.0, False),
        ([1.0], [1.0, 2.0], False),
        (None, None, True),
    ],
)
def test_answers_are_compared_by_the_rule_of_the_proof(
    expected: object, got: object, equal: bool
) -> None:
    assert replay.is_equal(expected, got, 1e-9) is equal
