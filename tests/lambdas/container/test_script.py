"""Script mode: which functions of a script are called, with what, and what they may give."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from container import script, settings
from container.hosted_models import HostedModel, HostedModels
from container.script import Script
from own_code import contract
from serving.api.routing import Request, Response, dispatch
from serving.errors import BadRequest, UnsupportedMediaType
from tests.lambdas.container.folders import scripted

TWICE = """
class Twice:
    def predict(self, data):
        return data * 2

def model_fn(model_dir):
    return Twice()
"""


def invoke(
    model: Script | HostedModel, body: bytes, kind: str = "application/json", accept: str = ""
) -> Response:
    headers = {"Content-Type": kind, "Accept": accept}
    routes = model.routes.routes if isinstance(model, HostedModel) else model.routes
    answer = dispatch(routes, Request("POST", "/invocations", headers, body))
    assert isinstance(answer, Response)
    return answer


def model(folder: Path, text: str) -> Script:
    return Script("m", scripted(folder, text), "inference.py")


def test_defaults_read_predict_and_write(tmp_path: Path) -> None:
    twice = model(tmp_path, TWICE)
    assert json.loads(invoke(twice, b"[[1, 2]]").body)["predictions"] == [[2, 4]]
    assert json.loads(invoke(twice, b'{"instances": [[3]]}').body)["predictions"] == [[6]]
    assert invoke(twice, b"1,2\n", "text/csv", "text/csv").body == b"2,4\n"
    file = io.BytesIO()
    np.save(file, np.array([[0.5]]))
    answer = invoke(twice, file.getvalue(), "application/x-npy", "application/x-npy")
    assert np.load(io.BytesIO(answer.body)).tolist() == [[1.0]]
    with pytest.raises(UnsupportedMediaType, match="input_fn"):
        invoke(twice, b"x", "image/png")


def test_every_function_can_be_replaced(tmp_path: Path) -> None:
    text = """
import pathlib
def model_fn(model_dir): return pathlib.Path(model_dir, "suffix").read_text()
def input_fn(body, content_type): return body.decode() + content_type
def predict_fn(data, model): return data + model
def output_fn(prediction, accept): return prediction + accept, "text/plain"
"""
    (tmp_path / "suffix").write_text("!")
    answer = invoke(model(tmp_path, text), b"a", "b", "c")
    assert (answer.body, answer.headers["content-type"]) == (b"ab!c", "text/plain")


@pytest.mark.parametrize(
    ("given", "body", "kind"),
    [
        ("b'x'", b"x", "application/json"),
        ("'ä'", "ä".encode(), "application/json"),
        ("(bytearray(b'x'), 'image/png')", b"x", "image/png"),
    ],
)
def test_transform_fn_does_it_all(tmp_path: Path, given: str, body: bytes, kind: str) -> None:
    text = f"""
def model_fn(model_dir): return 1
def transform_fn(model, body, content_type, accept): return {given}
"""
    answer = invoke(model(tmp_path, text), b"")
    assert (answer.body, answer.headers["content-type"]) == (body, kind)


def test_what_is_no_body_is_the_scripts_fault(tmp_path: Path) -> None:
    text = TWICE + "\ndef output_fn(prediction, accept): return 3\n"
    with pytest.raises(TypeError, match="bytes or a string, not int"):
        invoke(model(tmp_path, text), b"[1]")


def test_scripts_of_one_name_are_apart(tmp_path: Path) -> None:
    texts = [TWICE, TWICE.replace("* 2", "* 3")]
    models = [model(tmp_path / str(i), text) for i, text in enumerate(texts)]
    answers = [json.loads(invoke(each, b"[[1]]").body)["predictions"] for each in models]
    assert answers == [[[2]], [[3]]]


def test_a_script_imports_what_lies_beside_it(tmp_path: Path) -> None:
    scripted(tmp_path, "FACTOR = 5\n", "beside_this_script.py")
    text = TWICE.replace("data * 2", "data * FACTOR")
    twice = model(tmp_path, "from beside_this_script import FACTOR\n" + text)
    assert json.loads(invoke(twice, b"[[1]]").body)["predictions"] == [[5]]


def test_a_script_without_model_fn_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="model_fn"):
        model(tmp_path, "def predict_fn(data, model): ...\n")


def test_requirements_are_installed_where_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, scratch = (
        scripted(tmp_path / "model", "./package\n", "requirements.txt"),
        tmp_path / "s",
    )
    with pytest.raises(BadRequest, match="MODELMOUNT_ALLOW_INSTALL"):
        script.install(folder, scratch, is_allowed=False)
    calls: list[tuple[Any, ...]] = []

    def pip(*arguments: str) -> None:
        calls.append(arguments)
        Path(arguments[2]).mkdir()
        (Path(arguments[2]) / "only_for_this_test.py").write_text("HERE = True\n")

    monkeypatch.setattr(script, "_pip", pip)
    monkeypatch.syspath_prepend(str(tmp_path))  # puts the path back at the end
    for _ in range(2):
        script.install(folder, scratch, is_allowed=True)
    assert len(calls) == 1
    assert contract._imported(
        scripted(tmp_path, "import only_for_this_test as it\n") / "code/inference.py"
    ).it.HERE


@pytest.mark.slow
def test_what_pip_says_is_told(tmp_path: Path) -> None:
    folder = scripted(tmp_path, "./no-such-package-here\n", "requirements.txt")
    with pytest.raises(BadRequest, match="no-such-package-here"):
        script.install(folder, tmp_path / "scratch", is_allowed=True)


@pytest.mark.slow
def test_scripts_of_many_models_have_modules_of_their_own(tmp_path: Path) -> None:
    many = {"SAGEMAKER_MULTI_MODEL": "true", "MODELMOUNT_SCRATCH_DIR": str(tmp_path / "scratch")}
    models = HostedModels(settings.read(many))
    for number in (2, 3):
        folder = tmp_path / str(number)
        scripted(folder, f"FACTOR = {number}\n", "beside_this_script.py")
        text = TWICE.replace("data * 2", "data * FACTOR")
        scripted(folder, "from beside_this_script import FACTOR\n" + text)
        models.load(f"times{number}", folder)
    for number in (2, 3, 2):
        answer = invoke(models.get(f"times{number}"), b"[[1, 5]]")
        assert json.loads(answer.body)["predictions"] == [[number, 5 * number]]
    models.unload("times2")
    assert [hosted.name for hosted in models.all()] == ["times3"]
