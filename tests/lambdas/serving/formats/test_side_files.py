"""Files beside models: which are told from models and parts by their names."""

import pytest

from serving.formats.side_files import is_side_file, lies_beside
from serving.records.key_layouts import BY_DEFAULT

RUN = "0123456789abcdef0123456789abcdef"
MLFLOW = [
    "MLmodel", "conda.yaml", "python_env.yaml", "requirements.txt", "input_example.json",
    "serving_input_example.json", "registered_model_meta", "metadata/MLmodel",
    "metadata/conda.yaml", "metadata/requirements.txt",
]  # fmt: skip
OTHERS = [
    "README.md", "readme", "LICENSE", "LICENSE.txt", ".DS_Store", "._model.pkl", "Thumbs.db",
    ".gitattributes", "_SUCCESS", "model.pkl.md5", "model.joblib.sha256", "__MACOSX/m.pkl",
    ".git/HEAD", ".ipynb_checkpoints/m.pkl", "folder/", "folder_$folder$",
]  # fmt: skip


@pytest.mark.parametrize("folder", ["", "m/", "m/1/", "a/b/c/d/e/f/g/h/i/j/k/"])
@pytest.mark.parametrize("name", [*MLFLOW, *OTHERS])
def test_side_files_are_known_wherever_they_lie(folder: str, name: str) -> None:
    assert is_side_file(folder + name)
    assert lies_beside(BY_DEFAULT.read(folder + name))


@pytest.mark.parametrize(
    "key",
    [
        f"mlruns/1/{RUN}/metrics/acc",
        f"mlruns/1/{RUN}/params/depth",
        f"mlruns/1/{RUN}/tags/mlflow.user",
        f"mlruns/1/{RUN}/artifacts/plots/roc.png",
        f"mlruns/1/{RUN}/artifacts/model/data/weights.bin",
        f"mlruns/1/models/m-{RUN}/artifacts/code/x.py",
        "mlruns/1/meta.yaml",
        "p/job/output/output.tar.gz",
        "job/output/output.tar.gz",
        "p/job/debug-output/events/a.tfevents",
        "p/job/profiler-output/system/a.json",
        "p/job/source/sourcedir.tar.gz",
        "m/code/pkg/x.py",
    ],
)
def test_what_jobs_and_runs_write_beside_a_model_is_known(key: str) -> None:
    assert lies_beside(BY_DEFAULT.read(key))


@pytest.mark.parametrize(
    "key",
    [
        "README.joblib",
        "requirements/model.txt",
        "m/1/vocab.txt",
        "m/1/config.json",
        "m/metadata/model.joblib",
        "m/code/model.joblib",
        "debug-output/model.joblib",
        "m/output/model.joblib",
        "m.pkl.dvc",
        f"x/{RUN}/artifacts/model/model.pkl",
        "p/job/output/model.tar.gz",
    ],
)
def test_models_and_parts_are_no_side_files(key: str) -> None:
    assert not lies_beside(BY_DEFAULT.read(key))
