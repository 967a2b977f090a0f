"""Files that lie beside models and are none: neither refused nor waited for.

A version's `model.json` may list one all the same. It is a part of that version then.
"""

import re

from serving.formats.file_names import is_part
from serving.records.object_keys import InvalidKey, ObjectKey

MLMODEL = "MLmodel"
# Those of MLflow's model folder, then of other tools and of people.
NAMES = frozenset(
    (
        *("mlmodel", "conda.yaml", "conda.yml", "python_env.yaml", "python_env.yml"),
        *("requirements.txt", "constraints.txt", "pip-requirements.txt", "registered_model_meta"),
        *("input_example.json", "serving_input_example.json", "serving_input_payload.json"),
        *("model_config.yaml", "meta.yaml", "estimator.html", "environment.yml"),
        *("environment.yaml", "pyproject.toml", "pipfile", "pipfile.lock", "poetry.lock"),
        *("uv.lock", "dockerfile", "makefile", "readme", "license", "licence", "notice"),
        *("copying", "changelog.md", "contributing.md", "license.md", "thumbs.db", "desktop.ini"),
        *("_success", "sourcedir.tar.gz"),
    )
)
MARKERS = re.compile(r"_(started|committed)_.*|.*_\$folder\$|\._.*|~\$.*|.*~")
EXTENSIONS = (".md5", ".sha1", ".sha256", ".sha512", ".crc", ".crc32", ".asc", ".sig")
README = re.compile(r"(readme|license|licence|notice)(\.(md|txt|rst|html))?")
# The only names with a leading dot that are expected; any other is refused.
HIDDEN = frozenset((".ds_store", ".gitattributes", ".gitignore", ".gitkeep", ".keep"))
# Folders whose whole content lies beside models, wherever they are.
FOLDERS = frozenset(
    ("__macosx", ".git", ".ipynb_checkpoints", "__pycache__", ".cache", ".trash", ".dvc")
)
_ELSEWHERE = re.compile(
    # What MLflow keeps of a run or a logged model, beside its artifacts, and its records.
    r"(.*/)?([0-9a-f]{32}|models/m-[0-9a-f]{32})/(metrics|params|tags|inputs|outputs)/.*"
    r"|.*/traces/tr-[0-9a-f]{32}/.*|.*/(tags|aliases)/mlflow\.[^/]*"
    # The modules of its model folder, where that gives no version.
    r"|[^/]+/code/.*\.pyc?"
    # What a training job of SageMaker writes beside its model.
    r"|.+/(debug-output|profiler-output|rule-output)/.*|.+/output/(output\.tar\.gz|data/.*)"
)

# Below these a file is a model, or one beside it: no version is put together there.
_OUTPUT = re.compile(
    r".+/([0-9a-f]{32}|models/m-[0-9a-f]{32})/artifacts/.*|[^/]+/.+/output/model/.*"
)


def lies_beside(key: ObjectKey | InvalidKey) -> bool:
    """Whether an object, which no `model.json` lists, is nothing to be served or told about."""
    if is_side_file(key.text):
        return True
    is_output = _OUTPUT.fullmatch(key.text) is not None
    return is_output and (isinstance(key, InvalidKey) or is_part(key))


def is_side_file(key: str) -> bool:
    """Whether an object's key is that of a file beside models, or of a folder's marker."""
    *folders, name = key.lower().split("/")
    if not name or not FOLDERS.isdisjoint(folders) or _ELSEWHERE.fullmatch(key):
        return True
    if name in NAMES or name in HIDDEN or name.endswith(EXTENSIONS):
        return True
    return bool(MARKERS.fullmatch(name) or README.fullmatch(name))
