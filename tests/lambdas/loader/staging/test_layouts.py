"""Uploads as MLflow, SageMaker and people lay them out, from the bucket to the repository."""

import gzip
import hashlib
import io
import itertools
import json
import pickle
import tarfile
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from loader.reconcile.reconciler import Reconciler
from serving.errors import ModelNotFound
from serving.records.key_layouts import KeyLayout, KeyLayouts
from tests.lambdas.deployment import BUCKET, Deployment, classifier, dumped
from tests.lambdas.loader.reconcile.trusting import MODEL, trusting

RUN = "0123456789abcdef0123456789abcdef"
PICKLE = pickle.dumps(classifier())
MLFLOW = {
    "MLmodel": b"flavors: {}",
    "conda.yaml": b"{}",
    "code/pkg/x.py": b"a = 1",
    "input_example.json": b'{"columns": ["a"], "data": [[1]]}',
    "metadata/conda.yaml": b"{}",
    "model.pkl": PICKLE,
    "python_env.yaml": b"{}",
    "registered_model_meta": b"x: 1",
    "requirements.txt": b"scikit-learn",
    "serving_input_example.json": b'{"dataframe_split": {"columns": ["a"], "data": [[1]]}}',
}


@pytest.fixture
def quick(deployment: Deployment) -> Deployment:
    return trusting(deployment)


def reconciler(quick: Deployment, now: datetime | None = None) -> Reconciler:
    return Reconciler(
        quick.s3,
        BUCKET,
        quick.repository,
        quick.stager,
        lambda: now or datetime.now(UTC),
        quick.layouts,
    )


def states(quick: Deployment, model: str) -> list[tuple[str, str]]:
    """Return the versions of a model, each with its state; waiting and refused ones too."""
    status = quick.repository.models.status(model)
    return [
        *((each.version, "ready") for each in status.ready),
        *((each.version, each.code) for each in status.rejected),
        *((each.version, "waiting") for each in status.waiting),
    ]


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("folder", "model", "version"),
    [
        ("fraud/1/", "fraud", "1"),
        (f"mlruns/1/{RUN}/artifacts/model/", "mlruns", RUN),
        (f"exp/{RUN}/artifacts/fraud/", "exp", f"{RUN}-fraud"),
        (f"exp/3/models/m-{RUN}/artifacts/", "exp", f"m-{RUN}"),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_a_folder_of_mlflow_is_one_version_and_nothing_waits(
    quick: Deployment, folder: str, model: str, version: str, order: int
) -> None:
    for name in [*MLFLOW][::order]:
        quick.upload(folder + name, MLFLOW[name])
    assert states(quick, model) == [(version, "ready")]
    assert quick.repository.models.refusals() == []
    plan = reconciler(quick).plan()
    assert set(itertools.chain(*plan.as_json().values())) == set()


def test_a_folder_of_mlflow_without_a_version_is_one_too(quick: Deployment) -> None:
    for name, data in MLFLOW.items():
        quick.upload(f"fraud/{name}", data)
    assert [state for _, state in states(quick, "fraud")] == ["ready"]


def test_its_other_files_are_a_versions_parts_where_a_model_json_lists_them(
    quick: Deployment,
) -> None:
    files = {"model.pkl": MODEL, "requirements.txt": b"scikit-learn"}
    listed = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    text = json.dumps({"files": listed}).encode()
    for key, data in {"model.json": text, **files}.items():
        quick.upload(f"fraud/1/{key}", data)
    manifest = quick.repository.published("fraud", "1")
    assert manifest is not None
    assert {file.name for file in manifest.files} == {*files, "model.json"}


def test_what_a_model_json_listed_before_is_still_a_part(quick: Deployment) -> None:
    path = f"{RUN}/artifacts/model/model.pkl".partition("/")[2]
    text = json.dumps({"files": {path: hashlib.sha256(MODEL).hexdigest()}}).encode()
    quick.upload(f"gpt/{RUN}/model.json", text)
    quick.upload(f"gpt/{RUN}/{path}", MODEL)
    manifest = quick.repository.published("gpt", RUN)
    assert manifest is not None
    assert manifest.files[0].name == path
    assert reconciler(quick).plan().uploads == []


def test_the_output_of_a_training_job_is_a_version_named_by_the_job(quick: Deployment) -> None:
    archive = packed({"xgboost-model": b"{L"})
    quick.upload("fraud/job-1/output/output.tar.gz", packed({"log": b""}))
    quick.upload("fraud/job-1/debug-output/claim.smd", b"x")
    quick.upload("fraud/job-1/profiler-output/framework/a.json", b"{}")
    quick.upload("fraud/job-1/output/model.tar.gz", archive)
    quick.upload("fraud/job-2/output/model.tar.gz", archive)
    assert states(quick, "fraud") == [("job-1", "ready"), ("job-2", "ready")]
    quick.handle(quick.delete("fraud/job-1/output/model.tar.gz"))
    assert states(quick, "fraud") == [("job-2", "ready")]


def test_side_files_alone_make_no_model(quick: Deployment) -> None:
    names = ["README.md", ".DS_Store", "._m.pkl", "_SUCCESS", "m.pkl.sha256", "Thumbs.db", "f/"]
    for key in itertools.chain(names, (f"side/{name}" for name in names)):
        assert quick.upload(key, b"x") is None
    assert quick.repository.models.names() == []
    assert quick.repository.models.refusals() == []
    assert reconciler(quick).plan().uploads == []


def test_the_setting_names_model_and_version(quick: Deployment) -> None:
    key = f"mlruns/7/{RUN}/artifacts/fraud/model.pkl"
    quick.layouts = KeyLayouts([KeyLayout.parse("mlruns/*/{version}/artifacts/{model}/")])
    outcome = quick.upload(key, MODEL)
    assert outcome is not None
    assert (outcome["model"], outcome["version"]) == ("fraud", RUN)
    assert reconciler(quick).plan().uploads == []
    # Without the setting the record still says what the object was read as.
    quick.layouts = KeyLayouts()
    assert reconciler(quick).plan().removals == []
    quick.s3.delete_object(Bucket=BUCKET, Key=key)
    later = datetime.now(UTC) + timedelta(seconds=2)
    (removal,) = reconciler(quick, later).plan(force=True).removals
    assert (removal.key, removal.model) == (key, "fraud")
    quick.publisher.act(removal)
    assert states(quick, "fraud") == []


def test_an_event_of_a_deletion_is_for_the_model_that_the_layout_names(quick: Deployment) -> None:
    quick.layouts = KeyLayouts([KeyLayout.parse("models/{model}/{version}/")])
    quick.upload("models/fraud/3/m.joblib", MODEL)
    quick.upload("models/fraud/3/words.txt", b"x")
    outcome = quick.handle(quick.delete("models/fraud/3/m.joblib"))
    assert outcome is not None
    assert (outcome["result"], outcome["model"]) == ("withdrawn", "fraud")
    with pytest.raises(ModelNotFound):
        quick.repository.models.status("models")


@pytest.mark.parametrize("depth", [1, 5])
def test_a_model_too_deep_is_told_its_depth_and_the_form_of_a_key(
    quick: Deployment, depth: int
) -> None:
    quick.upload("a/b/" + "c/" * depth + "model.joblib", MODEL)
    (waiting,) = quick.repository.models.status("a").waiting
    assert f"lies {depth + 2} folders deep" in waiting.reason
    assert "MODEL/VERSION/file.ext" in waiting.reason
    assert "no model file" not in waiting.reason


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "data"),
    [
        ("n.sav", PICKLE),
        ("n.p", PICKLE),
        ("n.dat", PICKLE),
        ("n", dumped(classifier())),
        ("n.pkl.gz", gzip.compress(PICKLE)),
        ("n.joblib.z", zlib.compress(dumped(classifier()))),
        ("n/1/model.sav", PICKLE),
        ("n.tar.gz", packed({"models/mine.dat": PICKLE, "notes.md": b"a"})),
        ("n.zip.tar.gz", packed({f"model/{name}": data for name, data in MLFLOW.items()})),
    ],
)
def test_a_model_under_the_names_that_people_use_answers(
    deployment: Deployment, key: str, data: bytes
) -> None:
    outcome = deployment.upload(key, data)
    assert outcome is not None
    assert (outcome["result"], outcome["reason"]) == ("activated", None)
    body = json.dumps({"model": outcome["model"], "instances": [[0.0, 0.0], [1.0, 1.0]]})
    answer = deployment.call("POST", "/inference", body.encode())
    assert json.loads(answer.body)["predictions"] == [0, 1]
