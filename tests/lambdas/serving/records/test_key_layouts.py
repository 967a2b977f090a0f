"""Keys as other tools lay them out."""

import pytest

from serving.records.key_layouts import BY_DEFAULT, KeyLayout, KeyLayouts, without_layout
from serving.records.manifest import Source
from serving.records.object_keys import InvalidKey, ObjectKey

RUN = "0123456789abcdef0123456789abcdef"
PLAIN = ["iris.joblib", "iris/model.joblib", "iris/3/model.joblib", "iris/3/code/x.py"]
# These look like another tool's, and name what they always named.
ALSO_PLAIN = [
    "job/output/model.tar.gz",
    "fraud/output/model.joblib",
    f"{RUN}/artifacts/model.pkl",
    f"exp/{RUN}/artifacts/vectorizer.pkl",
    f"exp/{RUN[:-1]}/artifacts/model/model.pkl",
    f"exp/{RUN.upper()}/artifacts/model/model.pkl",
    "exp/models/m-1/artifacts/model.pkl",
    "a/b/output/other.tar.gz",
]


def named(key: ObjectKey | InvalidKey) -> tuple[str, str | None, str]:
    assert isinstance(key, ObjectKey)
    return key.model, key.version, key.filename


@pytest.mark.parametrize("text", [*PLAIN, *ALSO_PLAIN])
def test_by_default_other_keys_mean_what_they_always_meant(text: str) -> None:
    assert BY_DEFAULT.read(text) == ObjectKey.parse(text)
    assert without_layout(ObjectKey.parse(text)) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"mlruns/1/{RUN}/artifacts/model/model.pkl", ("mlruns", RUN, "model.pkl")),
        (f"1/{RUN}/artifacts/model/model.xgb", ("1", RUN, "model.xgb")),
        (f"exp/{RUN}/artifacts/fraud/model.onnx", ("exp", f"{RUN}-fraud", "model.onnx")),
        (f"exp/{RUN}/artifacts/a/b/model.cb", ("exp", f"{RUN}-a-b", "model.cb")),
        (f"7/models/m-{RUN}/artifacts/model.pkl", ("7", f"m-{RUN}", "model.pkl")),
        (f"ml/7/models/m-{RUN}/artifacts/model.lgb", ("ml", f"m-{RUN}", "model.lgb")),
        ("fraud/job-1/output/model.tar.gz", ("fraud", "job-1", "model.tar.gz")),
        ("a/b/c/job-1/output/model.tar.gz", ("a", "job-1", "model.tar.gz")),
        ("a/job-1/output/model/m.joblib", ("a", "job-1", "m.joblib")),
    ],
)
def test_keys_of_mlflow_and_sagemaker_are_read_by_default(
    text: str, names: tuple[str, str, str]
) -> None:
    key = BY_DEFAULT.read(text)
    assert named(key) == names
    assert isinstance(key, ObjectKey)
    # The model is the first folder, as before: a writer of one folder reaches no other model.
    assert key.model == text.split("/", maxsplit=1)[0]
    assert key.version_prefix == text.removesuffix(key.filename)
    assert without_layout(key) == ObjectKey.parse(text)


LAYOUTS = KeyLayouts(
    [
        KeyLayout.parse("models/{model}/{version}/"),
        KeyLayout.parse("mlruns/*/{version}/artifacts/{model}/"),
        KeyLayout.parse("in/{model}/"),
    ]
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("models/fraud/3/model.joblib", ("fraud", "3", "model.joblib")),
        ("models/fraud/3/code/x.py", ("fraud", "3", "code/x.py")),
        (f"mlruns/1/{RUN}/artifacts/fraud/model.pkl", ("fraud", RUN, "model.pkl")),
        ("in/fraud/any.joblib", ("fraud", None, "any.joblib")),
        ("iris/3/model.joblib", ("iris", "3", "model.joblib")),
        ("fraud/job-1/output/model.tar.gz", ("fraud", "job-1", "model.tar.gz")),
    ],
)
def test_the_setting_says_which_folders_name_the_model(
    text: str, names: tuple[str, str | None, str]
) -> None:
    assert named(LAYOUTS.read(text)) == names


@pytest.mark.parametrize(
    "text", ["models/fraud.joblib", "models/fraud/model.joblib", "in/a/b/m.pkl", "mlruns/1/m.pkl"]
)
def test_a_key_that_only_begins_like_a_layout_is_told_its_form(text: str) -> None:
    key = LAYOUTS.read(text)
    assert isinstance(key, InvalidKey)
    assert f"has {text.count('/')} folders" in key.reason
    assert "{model}" in key.reason
    assert "key_layouts" in key.reason


def test_a_name_that_is_none_is_refused_in_a_layout_too() -> None:
    key = LAYOUTS.read("models/.hidden/3/model.joblib")
    assert isinstance(key, InvalidKey)
    assert "leading dot" in key.reason


def test_a_record_keeps_what_its_key_was_read_as() -> None:
    key = LAYOUTS.read("models/fraud/3/model.joblib")
    assert isinstance(key, ObjectKey)
    source = Source("b", key.text, "v", "2026-11-21T00:00:00Z", "e", 1, **key.recorded)
    assert source.object_key == key
    plain = ObjectKey.parse("iris/3/model.joblib")
    assert plain.recorded == {}
    assert key.beside("a/b") == LAYOUTS.read("models/fraud/3/a/b")
