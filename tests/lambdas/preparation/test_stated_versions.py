"""A pickle of another library's version is refused for that, whatever else fails first."""

import bz2
import gzip
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
import sklearn
import xgboost
from packaging.version import Version
from sklearn.tree import DecisionTreeClassifier

from preparation import stated_versions
from serving.errors import UploadRejected

ERROR = UploadRejected("CORRUPT_FILE", "node array from the pickle has an incompatible dtype")
X, Y = [[0.0], [1.0]], [0, 1]


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], bytes]:
    """Return a function that pickles a model as scikit-learn 1.2.2 would."""

    def dumps(protocol: int) -> bytes:
        with monkeypatch.context() as patch:
            patch.setattr("sklearn.base.__version__", "1.2.2")
            return pickle.dumps(DecisionTreeClassifier().fit(X, Y), protocol)

    return dumps


def explained(folder: Path, data: bytes, error: UploadRejected = ERROR) -> UploadRejected:
    path = folder / "model.pkl"
    path.write_bytes(data)
    return stated_versions.explained(error, path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, zlib.compress])
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_scikit_learns_version_is_found(
    tmp_path: Path,
    older: Callable[[int], bytes],
    protocol: int,
    pack: Callable[[bytes], bytes],
) -> None:
    error = explained(tmp_path, pack(older(protocol)))
    assert error.rejection_code == "VERSION_SKEW"
    assert f"scikit-learn 1.2.2, and this deployment runs {sklearn.__version__}" in str(error)
    assert "incompatible dtype" in str(error)


def test_xgboosts_version_is_found(tmp_path: Path) -> None:
    data = pickle.dumps(xgboost.XGBClassifier(n_estimators=1).fit(X, Y))
    stated = b"\x03i%ci%ci%c" % tuple(Version(xgboost.__version__).release)
    assert stated in data
    assert explained(tmp_path, data) is ERROR
    error = explained(tmp_path, data.replace(stated, b"\x03i\x01i\x07i\x06"))
    assert error.rejection_code == "VERSION_SKEW"
    assert "XGBoost 1.7.6" in str(error)


def test_what_is_of_this_version_or_states_none_keeps_its_reason(tmp_path: Path) -> None:
    of_today = pickle.dumps(DecisionTreeClassifier().fit(X, Y))
    for data in (of_today, of_today[:100], b"", b"text", gzip.compress(of_today)[:50]):
        assert explained(tmp_path, data) is ERROR


def test_other_refusals_stand_as_they_are(tmp_path: Path, older: Callable[[int], bytes]) -> None:
    refused = UploadRejected("OUT_OF_MEMORY", "too large")
    assert explained(tmp_path, older(5), refused) is refused
