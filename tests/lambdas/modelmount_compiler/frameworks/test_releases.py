"""What hides differences between releases of scikit-learn."""

import warnings

import pytest

from modelmount_compiler.frameworks.loading_policy.policy import Policy
from modelmount_compiler.frameworks.sklearn import releases

TEXT = "Trying to unpickle estimator Ridge from version {} when using version {}. This might lead"


@pytest.mark.parametrize(("saved", "installed"), [("1.3.0", "1.3.2"), ("1.9.dev0", "1.9.1")])
def test_a_patch_release_is_no_skew(saved: str, installed: str) -> None:
    with releases.no_skew() as texts:
        warnings.warn(TEXT.format(saved, installed), UserWarning, stacklevel=1)
    assert texts == [TEXT.format(saved, installed)]


@pytest.mark.parametrize("saved", ["1.1.3", "1.10.0", "0.24.2", "pre-0.18"])
def test_another_minor_release_is_skew(saved: str) -> None:
    with pytest.raises(releases.Skew) as skew, releases.no_skew():
        warnings.warn(TEXT.format(saved, "1.3.2"), UserWarning, stacklevel=1)
    assert (skew.value.saved, skew.value.installed) == (saved, "1.3.2")


def test_classes_that_a_release_lacks_are_left_out() -> None:
    assert len(releases.classes("sklearn.preprocessing", "OneHotEncoder", "NeverWritten")) == 1
    assert releases.classes("sklearn.never", "OneHotEncoder") == ()


def test_a_policy_takes_what_any_release_of_a_booster_takes() -> None:
    older = {"a.B": {"d": "old both", "*": ["fit"]}}
    newer = {"a.B": {"d": "new", "do": "both", "*": ["fit", "predict"]}}
    parts = [{"classes": each, "functions": []} for each in (older, newer)]
    policy = Policy((1, 9), parts)
    kinds = {name: policy.kinds("a.B", name) for name in ("old", "new", "both", "predict")}
    assert kinds == {"old": "d", "new": "d", "both": "do", "predict": None}
