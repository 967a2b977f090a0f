"""Attacks with names of the policy alone, against the scan, the loader and skops."""

import pickle
import random
from pathlib import Path

import pytest
import sklearn
import skops.io

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.loading_policy import guarded_unpickler, policy
from modelmount_compiler.frameworks.sklearn import loading
from preparation.scan.pickle_scan import scan
from serving.errors import UploadRejected
from tests.lambdas.preparation.gadgets import CALLS, GADGETS
from tests.lambdas.preparation.own_list import CALLED, OWN_LIST, SET, fitted

MAX_BYTES = 2**24
SAMPLED = 30  # of each version


@pytest.mark.parametrize("name", OWN_LIST)
def test_no_attack_by_trusted_names_passes(tmp_path: Path, name: str) -> None:
    (tmp_path / "model").write_bytes(OWN_LIST[name])
    with pytest.raises(UploadRejected) as refused:
        scan(tmp_path / "model", "pickle", MAX_BYTES)
    assert refused.value.rejection_code == "UNSAFE_PICKLE"


@pytest.mark.parametrize("minor", [3, 4, 5, 6, 7, 8, 9])
def test_no_policy_of_any_version_lets_one_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minor: int
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    monkeypatch.setattr(policy, "installed", lambda: (1, minor))
    stated = sklearn.__version__.encode()
    older = f"1.{minor}.1".encode()
    for name in random.Random(seed).sample(sorted(OWN_LIST), SAMPLED):
        (tmp_path / "model").write_bytes(OWN_LIST[name].replace(stated, older))
        try:
            scan(tmp_path / "model", "pickle", MAX_BYTES)
        except UploadRejected:
            continue
        pytest.fail(f"{name} passes as of 1.{minor}")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("metric-2", "calls sklearn.metrics._regression.mean_squared_error"),
        ("shadowed-predict-2", "sets the attribute 'predict'"),
        ("unknown-attribute-2", "Delete the attribute before you save"),
        ("function-as-data-2", "puts a function into the attribute 'coef_'"),
        ("memory-2", "set_params(memory=None)"),
        ("CountVectorizer-filename-2", "read files yourself"),
        ("stacked-method-2", "'predict_proba'"),
    ],
)
def test_the_refusal_says_what_and_how_to_mend_it(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "model").write_bytes(OWN_LIST[name])
    with pytest.raises(UploadRejected) as refused:
        scan(tmp_path / "model", "pickle", MAX_BYTES)
    assert said in str(refused.value)


@pytest.mark.parametrize("name", CALLED)
def test_the_loader_itself_calls_nothing_else(tmp_path: Path, name: str) -> None:
    (tmp_path / "model").write_bytes(pickle.dumps(CALLED[name], 4))
    refusals: tuple[type[Exception], ...] = (guarded_unpickler.PolicyViolation, ModelRejected)
    if name in ("range-of-text", "float-of-text"):
        refusals = (*refusals, TypeError)  # which judges arguments by their function alone
    with pytest.raises(refusals):
        guarded_unpickler.load(tmp_path / "model")


def test_the_loader_runs_nothing_that_a_gadget_names(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    for call in ("reduce-0", "reduce-2", "stack-global", "inst", "obj", "newobj"):
        for module, name in (("os", "system"), ("posix", "system"), ("subprocess", "Popen")):
            data = CALLS[call](module, name).replace(b"true", f"touch {mark}".encode()[:4])
            (tmp_path / "model").write_bytes(data)
            with pytest.raises(guarded_unpickler.PolicyViolation):
                guarded_unpickler.load(tmp_path / "model")
    assert len(GADGETS) > 133
    assert not mark.exists()


@pytest.mark.parametrize("name", SET)
def test_skops_files_are_held_against_the_same_policy(tmp_path: Path, name: str) -> None:
    try:
        skops.io.dump(SET[name], tmp_path / "model")
    except Exception as error:
        pytest.skip(f"skops itself can't write it: {type(error).__name__}")
    with pytest.raises(ModelRejected) as refused:
        loading.load(tmp_path / "model", "skops")
    assert refused.value.code == "UNTRUSTED_TYPE"


def test_an_honest_model_loads(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(pickle.dumps(fitted()))
    assert loading.load(tmp_path / "model", "pickle").predict([[1.0]]).tolist() == [1]
