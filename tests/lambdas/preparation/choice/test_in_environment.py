"""Uploads that another interpreter prepares, with the libraries of its own environment."""

import functools
import json
import pickle
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sklearn
from sklearn.linear_model import LogisticRegression

from environments import installed
from environments.environment import Environment
from loader.publish import Publisher
from loader.reconcile.reconciler import Reconciler
from loader.staging.stager import Stager
from preparation.prepare import Preparer
from serving.records.verdicts import Candidate, Rejected, Verdict
from serving.repository.repository import Repository
from tests.lambdas.deployment import BUCKET, Deployment

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

pytestmark = pytest.mark.slow

OLDER = "1.8.3"
# What the interpreter of the older environment does first: it calls its scikit-learn older.
PRETENDS = f"import sklearn.base; sklearn.base.__version__ = {OLDER!r}\n"
MAKE = """
import pickle, sys, numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
X = np.random.default_rng(3).normal(size=(80, 3)); y = (X[:, 0] > X[:, 1] ** 2).astype(int)
model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
made = pickle.dumps(model), X[:9].tolist(), model.predict_proba(X[:9]).tolist()
pickle.dump(made, sys.stdout.buffer)
"""


@pytest.fixture
def compiling(s3: "S3Client", tmp_path: Path) -> Deployment:
    prepare_with: Any = functools.partial(Preparer, compile_seconds=60)
    return Deployment(s3, tmp_path / "deployment", prepare_with=prepare_with)


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """Make an environment that holds this one's libraries under an older version."""
    folder = tmp_path / "environments" / "older"
    venv.create(folder, symlinks=True)
    site = next(folder.glob("lib/python3*/site-packages"))
    here = [path for path in sys.path if path.endswith("-packages")]
    (site / "here.pth").write_text("\n".join(here))
    (site / "sitecustomize.py").write_text(PRETENDS)
    for name in ("sklearn", "numpy"):  # where the choice looks
        (site / name).symlink_to(Path(sklearn.__file__).parents[1] / name)
    packages = {**installed.own().packages, "scikit-learn": OLDER}
    record = {"name": "older", "python_version": "3.11.0", "packages": packages}
    (folder / installed.RECORD).write_text(json.dumps(record))
    monkeypatch.setenv(installed.ROOT_VARIABLE, str(folder.parent))
    return installed.others(folder.parent)[0]


def of_the_older(monkeypatch: pytest.MonkeyPatch) -> bytes:
    with monkeypatch.context() as patch:
        patch.setattr("sklearn.base.__version__", OLDER)
        model = LogisticRegression().fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
        return pickle.dumps(model)


def shown(deployment: Deployment, model: str) -> dict[str, Any]:
    told = json.loads(deployment.call("GET", f"/models/{model}").body)
    found: dict[str, Any] = told["versions"][0]
    return found


def asked(deployment: Deployment, model: str, rows: list[Any]) -> Any:
    body = {"model": model, "instances": rows, "parameters": {"method": "predict_proba"}}
    answer = deployment.call("POST", "/inference", json.dumps(body).encode())
    assert answer.status == 200, answer.body
    return json.loads(answer.body)["predictions"]


def upload(deployment: Deployment, key: str, data: bytes) -> Verdict | None:
    verdict = deployment.stager.judge(deployment.put(key, data))
    assert verdict is not None
    judged = deployment.preparer.judge(verdict, 300.0)
    deployment.publisher.act(judged)
    return judged


def test_an_upload_is_prepared_and_compiled_by_the_interpreter_of_its_version(
    compiling: Deployment, older: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(upload(compiling, "old.pkl", of_the_older(monkeypatch)), Candidate)
    told = shown(compiling, "old")
    assert told["environment"] == "older"
    assert f"scikit-learn {OLDER}, and this environment has {OLDER}" in told["environment_reason"]
    assert told["compilation"]["file"]
    before = asked(compiling, "old", [[0.0], [3.0]])
    assert before[0][0] > 0.5
    monkeypatch.setenv(installed.ROOT_VARIABLE, str(older.python.parents[3] / "none"))
    assert told_by_another_image(compiling) == "kept"
    assert "no environment here loads that" in shown(compiling, "old")["reason"]
    assert shown(compiling, "old")["environment"] == "older"
    assert asked(compiling, "old", [[0.0], [3.0]]) == before


def told_by_another_image(deployment: Deployment) -> str:
    """Reconcile as a deployment of another image does, and return what became of the version."""
    repository = Repository(deployment.root, "another")
    reconciler = Reconciler(
        deployment.s3, BUCKET, repository, Stager(deployment.s3, repository, 10**6)
    )
    verdicts = reconciler.run(reconciler.plan(), lambda: True).verdicts
    judged = [deployment.preparer.judge(verdict, 300.0) for verdict in verdicts]
    acted = [Publisher(repository, 5).act(verdict) for verdict in judged]
    return str(acted[0]["result"])


def test_one_of_this_version_is_prepared_as_ever(compiling: Deployment, older: Environment) -> None:
    model = LogisticRegression().fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
    assert isinstance(upload(compiling, "new.pkl", pickle.dumps(model)), Candidate)
    told = shown(compiling, "new")
    assert told["environment"] == "default"
    assert sklearn.__version__ in told["environment_reason"]


def test_a_version_that_none_has_is_refused_with_what_there_is(
    deployment: Deployment, older: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = of_the_older(monkeypatch).replace(b"1.8.3", b"1.2.2")
    judged = deployment.judge(deployment.put("older.pkl", data))
    assert isinstance(judged, Rejected)
    assert judged.code == "VERSION_SKEW"
    for text in (
        "1.2.2",
        f"default (scikit-learn {sklearn.__version__})",
        f"older (scikit-learn {OLDER})",
    ):
        assert text in judged.reason


@pytest.mark.parametrize("name", ["sklearn-1.3", "sklearn-1.6"])
def test_what_a_built_environment_saved_answers_as_it_did_there(
    compiling: Deployment,
    environments: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.setenv(installed.ROOT_VARIABLE, str(environments(name)))
    environment = installed.named(name)
    assert environment is not None
    made = subprocess.run([environment.python, "-c", MAKE], check=True, capture_output=True)
    data, rows, expected = pickle.loads(made.stdout)
    assert isinstance(upload(compiling, "scaled.pkl", data), Candidate)
    told = shown(compiling, "scaled")
    assert told["environment"] == name
    assert told["compilation"]["file"]
    found = asked(compiling, "scaled", rows)
    assert found == [pytest.approx(row, rel=1e-9) for row in expected]
