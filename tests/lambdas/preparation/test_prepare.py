"""Candidates that a preparer must survive, and what it says of them."""

import collections
import io
import os
import time
from typing import Any

import joblib
import pytest
import sklearn
import skops.io
from sklearn.linear_model import LogisticRegression

from benchmarks.workers.hostile import UNGUARDED
from preparation.prepare import Preparer
from serving.records.verdicts import Candidate, Rejected, Removed
from tests.lambdas.deployment import Deployment, classifier, dumped
from tests.lambdas.preparation.malicious import Calls

pytestmark = pytest.mark.slow


@pytest.fixture
def unscanned(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """Where nothing but the sandbox stands between a pickle and the preparer."""
    monkeypatch.syspath_prepend(UNGUARDED)
    candidates = deployment.repository.candidates
    deployment.preparer = Preparer(candidates, deployment.trusted_formats, 4096, scans=False)
    return deployment


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


def test_a_pickle_that_kills_its_process_is_rejected(unscanned: Deployment) -> None:
    verdict = rejected(unscanned, dumped(Calls(os._exit, 7)))
    assert verdict.code == "LOAD_FAILED"
    assert "exit code 7" in verdict.reason


def test_a_pickle_that_eats_memory_is_rejected(unscanned: Deployment) -> None:
    verdict = rejected(unscanned, dumped(Calls(bytearray, 2**43)))
    assert verdict.code == "OUT_OF_MEMORY"


def judged_within(deployment: Deployment, data: bytes, seconds: float) -> Rejected:
    staged = deployment.stager.judge(deployment.put("m.joblib", data))
    assert isinstance(staged, Candidate)
    verdict = deployment.preparer.judge(staged, seconds)
    assert isinstance(verdict, Rejected)
    return verdict


def test_a_pickle_that_never_ends_is_rejected(unscanned: Deployment) -> None:
    verdict = judged_within(unscanned, dumped(Calls(time.sleep, 600)), 6.0)
    assert "longer than 3 s" in verdict.reason


def test_what_would_load_for_ever_is_refused(deployment: Deployment) -> None:
    endless = dumped(Calls(collections.deque, range(10**18), 0))
    assert rejected(deployment, endless).code == "UNSAFE_PICKLE"


def test_without_the_scan_it_still_does_not_load_for_ever(unscanned: Deployment) -> None:
    endless = dumped(Calls(collections.deque, range(10**18), 0))
    verdict = judged_within(unscanned, endless, 6.0)
    assert verdict.code == "LOAD_FAILED"
    assert "longer than" in verdict.reason


def test_a_scan_that_never_ends_is_a_rejection(deployment: Deployment) -> None:
    nested = b"\x80\x02N\x85" + b"q\x00h\x00\x86" * 60  # whose hash takes 2**60 steps
    verdict = judged_within(deployment, b"\x80\x02}" + nested[2:] + b"Ns.", 6.0)
    assert verdict.code == "SCAN_FAILED"
    assert "longer than 3 s" in verdict.reason


@pytest.mark.parametrize("key", ["m.joblib", "m.pkl"])
def test_an_unsafe_pickle_is_never_loaded(
    deployment: Deployment, tmp_path_factory: pytest.TempPathFactory, key: str
) -> None:
    trace = tmp_path_factory.mktemp("elsewhere") / "trace"
    verdict = rejected(deployment, dumped(Calls(os.mkdir, str(trace))), key)
    assert verdict.code == "UNSAFE_PICKLE"
    assert "posix.mkdir" in verdict.reason
    assert "skops.io.dump" in verdict.reason
    assert not trace.exists()


def test_without_the_scan_it_is_loaded_and_reaches_nothing(
    unscanned: Deployment, tmp_path_factory: pytest.TempPathFactory
) -> None:
    trace = tmp_path_factory.mktemp("elsewhere") / "trace"
    verdict = rejected(unscanned, dumped(Calls(os.mkdir, str(trace))))
    assert "PermissionError" in verdict.reason
    assert not trace.exists()


def test_a_skops_file_is_prepared(deployment: Deployment) -> None:
    verdict = deployment.judge(deployment.put("m.skops", skops.io.dumps(classifier())))
    assert isinstance(verdict, Candidate)


@pytest.mark.parametrize("compress", [3, ("xz", 1)])
def test_a_compressed_file_is_prepared(deployment: Deployment, compress: Any) -> None:
    buffer = io.BytesIO()
    joblib.dump(classifier(), buffer, compress=compress)
    verdict = deployment.judge(deployment.put("m.joblib", buffer.getvalue()))
    assert isinstance(verdict, Candidate)
