"""What a folder is served as, and what is said of one that can't be."""

from pathlib import Path

import pytest

from container import folder_kind
from serving.errors import BadRequest
from tests.lambdas.container.folders import published

SCRIPT = "def model_fn(model_dir): ..."


def laid_out(root: Path, **files: str) -> Path:
    """Write files, with `__` for a slash and `_` for a dot in their names."""
    root.mkdir(exist_ok=True)
    for name, content in files.items():
        path = root / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def check(folder: Path) -> str:
    return folder_kind.check(folder, "inference.py")


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"code__inference_py": SCRIPT, "config_json": "", "model_safetensors": ""}, "script"),
        ({"config_json": "", "model_safetensors": "", "tokenizer_json": ""}, "text"),
        ({"m_onnx": "", "notes_md": ""}, "model"),
        ({"code__inference_py": "from mine import *"}, "script"),
        ({"code__inference_py": "from mine import load as model_fn"}, "script"),
        ({"code__inference_py": "model_fn = len"}, "script"),
    ],
)
def test_the_first_that_fits_decides(tmp_path: Path, files: dict[str, str], kind: str) -> None:
    assert check(laid_out(tmp_path, **files)) == kind


def test_a_published_version_is_known(tmp_path: Path) -> None:
    assert check(published(tmp_path)) == "version"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "One model file is expected"),
        ({"a_onnx": "", "b_onnx": ""}, "these: a.onnx, b.onnx"),
        ({"code__inference_py": "def f("}, r"is no Python program: .*line 1"),
        ({"code__inference_py": "def load(): ..."}, r"has no model_fn\(model_dir\): define it"),
        ({"code__serve_py": SCRIPT, "m_onnx": ""}, "Call the script code/inference.py"),
        ({"config_json": "", "model_safetensors": ""}, "tokenizer is missing"),
        ({"model__code__inference_py": SCRIPT}, "All lies in a folder model/: pack what is in it"),
        ({"model__notes_md": ""}, "One model file is expected"),
    ],
)
def test_what_would_go_wrong_is_said(tmp_path: Path, files: dict[str, str], told: str) -> None:
    with pytest.raises(BadRequest, match=told):
        check(laid_out(tmp_path, **files))
