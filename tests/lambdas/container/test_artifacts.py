"""Model folders, as they are made into what the serving core reads."""

import shutil
from pathlib import Path

import pytest

from container.artifacts import Artifacts, model_file, size
from modelmount_compiler.instances import outputs
from preparation.prepare import Preparer
from serving.errors import BadRequest, ModelNotFound
from serving.repository.candidates import Candidates
from serving.service.query import Query
from serving.service.service import Service
from tests.lambdas import zoo
from tests.lambdas.container.folders import saved
from tests.lambdas.deployment import classifier

pytestmark = pytest.mark.slow

ROWS = [[1.0, 1.0], [0.0, 0.0]]


def artifacts(scratch: Path, compile_seconds: float = 0) -> Artifacts:
    preparer = Preparer(
        Candidates(scratch), ("joblib", "pickle"), 4096, compile_seconds=compile_seconds
    )
    return Artifacts(scratch, preparer)


def answers(found: Artifacts, model: str) -> list[int]:
    service = Service(found, budget_bytes=2**30, refresh_seconds=0)
    return outputs.rows(service.ask(Query(model, None, ROWS)).result)


def test_a_folder_is_prepared_and_compiled_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = saved(tmp_path / "model")
    found = artifacts(tmp_path / "scratch", compile_seconds=60)
    compilation = found.add("m", folder).manifest.description.compilation
    assert compilation is not None
    assert compilation.file is not None
    assert [path.name for path in folder.iterdir()] == ["model.joblib"]
    monkeypatch.setattr(Preparer, "judge", None)
    other_process = artifacts(tmp_path / "scratch", compile_seconds=60)
    assert other_process.add("m", folder).manifest.description.compilation == compilation
    (folder / "model.joblib").unlink()  # only the compiled form can answer now
    assert answers(other_process, "m") == [1, 0]


def test_a_published_version_is_taken_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoo.publish(tmp_path / "repository", "iris", "3", classifier(10))
    folder = tmp_path / "model"
    shutil.copytree(tmp_path / "repository/models/iris/versions/3", folder)
    monkeypatch.setattr(Preparer, "judge", None)
    found = artifacts(tmp_path / "scratch")
    manifest = found.add("model", folder).manifest
    assert (manifest.model, manifest.version) == ("model", "3")
    assert answers(found, "model") == [11, 10]
    found.remove("model")
    assert (folder / "model.joblib").is_file()


def test_what_was_removed_is_prepared_anew(tmp_path: Path) -> None:
    folder, scratch = saved(tmp_path / "model"), tmp_path / "scratch"
    found = artifacts(scratch)
    found.add("m", folder)
    assert (found.names(), found.current("m")) == (["m"], "1")
    found.remove("m")
    assert (found.names(), found.current("m")) == ([], None)
    with pytest.raises(ModelNotFound):
        found.resolve("m")
    saved(folder, classifier(10))
    found.add("m", folder)
    assert answers(found, "m") == [11, 10]
    assert size(found.resolve("m").manifest.description) > 0


def test_what_the_preparer_refuses_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.joblib").write_bytes(b"no model")
    with pytest.raises(BadRequest, match=r"is no joblib file"):
        artifacts(tmp_path / "scratch").add("m", tmp_path / "model")


def test_the_one_model_file_is_found(tmp_path: Path) -> None:
    for name in ("metrics.json", "notes.txt", "code/old.joblib", "export/model.onnx"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert model_file(tmp_path) == "export/model.onnx"
    (tmp_path / "other.pkl").touch()
    with pytest.raises(BadRequest, match=r"export/model\.onnx, other\.pkl"):
        model_file(tmp_path)
