"""Candidates that a preparer must survive, and what it says of them."""

import io
import os
import time
from collections.abc import Callable
from typing import Any

import joblib
import pytest
import sklearn
import skops.io
from sklearn.linear_model import LogisticRegression

from serving.verdicts import Candidate, Rejected, Removed
from tests.lambdas.deployment import Deployment, classifier, dumped


class Calls:
    """Pickles to a call of `function(*arguments)` upon load."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._call = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self._call


def rejected(deployment: Deployment, data: bytes, key: str = "m.joblib") -> Rejected:
    verdict = deployment.judge(deployment.put(key, data))
    assert isinstance(verdict, Rejected)
    return verdict


def test_a_good_candidate_is_described(deployment: Deployment) -> None:
    verdict = deployment.judge(deployment.put("iris.joblib", dumped(classifier())))
    assert isinstance(verdict, Candidate)
    description = deployment.repository.candidates.description(verdict.candidate)
    assert description.estimator == "sklearn.linear_model._logistic.LogisticRegression"
    assert description.signature.n_features == 2
    assert description.signature.classes == [0, 1]
    assert description.packages["scikit-learn"] == sklearn.__version__
    assert description.memory_bytes > 0


def test_other_verdicts_travel_on(deployment: Deployment) -> None:
    removed = Removed("iris.joblib", None, "01")
    assert deployment.preparer.judge(removed, 60) is removed


def test_a_truncated_file_is_rejected(deployment: Deployment) -> None:
    data = dumped(classifier())
    verdict = rejected(deployment, data[: len(data) // 2])
    assert verdict.code == "CORRUPT_FILE"
    assert "joblib" in verdict.reason


def test_an_unfitted_model_is_rejected(deployment: Deployment) -> None:
    assert rejected(deployment, dumped(LogisticRegression())).code == "NOT_FITTED"


def test_a_pickle_that_kills_its_process_is_rejected(deployment: Deployment) -> None:
    verdict = rejected(deployment, dumped(Calls(os._exit, 7)))
    assert verdict.code == "LOAD_FAILED"
    assert "exit code 7" in verdict.reason


def test_a_pickle_that_eats_memory_is_rejected(deployment: Deployment) -> None:
    verdict = rejected(deployment, dumped(Calls(bytearray, 2**43)))
    assert verdict.code == "OUT_OF_MEMORY"


def test_a_pickle_that_never_ends_is_rejected(deployment: Deployment) -> None:
    event = deployment.put("m.joblib", dumped(Calls(time.sleep, 600)))
    staged = deployment.stager.judge(event)
    assert isinstance(staged, Candidate)
    verdict = deployment.preparer.judge(staged, 6.0)
    assert isinstance(verdict, Rejected)
    assert "longer than 3 s" in verdict.reason


def test_a_skops_file_is_prepared(deployment: Deployment) -> None:
    verdict = deployment.judge(deployment.put("m.skops", skops.io.dumps(classifier())))
    assert isinstance(verdict, Candidate)


@pytest.mark.parametrize("compress", [3, ("xz", 1)])
def test_a_compressed_file_is_prepared(deployment: Deployment, compress: Any) -> None:
    buffer = io.BytesIO()
    joblib.dump(classifier(), buffer, compress=compress)
    verdict = deployment.judge(deployment.put("m.joblib", buffer.getvalue()))
    assert isinstance(verdict, Candidate)
