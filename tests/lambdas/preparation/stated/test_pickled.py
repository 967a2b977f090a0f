"""What a pickle states of its versions is found, whatever else is in it, and nothing is loaded."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import lightgbm
import numpy as np
import pytest
import sklearn
import xgboost
from packaging.version import Version
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from preparation.scan import pickle_scan
from preparation.stated.stated import Stated
from serving.records import codec

MAX_BYTES = 2**28
X, Y = np.array([[0.0], [1.0], [2.0], [3.0]]), [0, 1, 0, 1]
Dumps = Callable[[str, Callable[[], Any]], bytes]


@pytest.fixture
def saved_with(monkeypatch: pytest.MonkeyPatch) -> Dumps:
    """Return a function that dumps as another version of scikit-learn would."""

    def dumps(version: str, dump: Callable[[], Any]) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr("sklearn.base.__version__", version)
            return dump()

    return dumps


def stated(folder: Path, data: bytes, monkeypatch: pytest.MonkeyPatch) -> Stated:
    path = folder / "model.pkl"
    path.write_bytes(data)
    reports: list[bytes] = []
    monkeypatch.setattr(pickle_scan, "report", reports.append)
    pickle_scan.main(path, "pickle", MAX_BYTES, folder)
    return codec.decode(Stated, json.loads(reports[0])["stated"])


def tree() -> DecisionTreeClassifier:
    return DecisionTreeClassifier().fit(X, Y)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, zlib.compress, lzma.compress])
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_and_compression_is_read(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    saved_with: Dumps,
    protocol: int,
    pack: Callable[[bytes], bytes],
) -> None:
    data = saved_with("1.2.2", lambda: pickle.dumps(tree(), protocol))
    found = stated(tmp_path, pack(data), monkeypatch)
    assert found.versions == {"scikit-learn": ("1.2.2",)}
    assert "sklearn" in found.modules


@pytest.mark.parametrize("compress", [0, 3, ("lzma", 1)])
def test_joblibs_arrays_are_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saved_with: Dumps, compress: Any
) -> None:
    def dump() -> bytes:
        buffer = io.BytesIO()
        joblib.dump(make_pipeline(StandardScaler(), tree()).fit(X, Y), buffer, compress=compress)
        return buffer.getvalue()

    found = stated(tmp_path, saved_with("1.3.0", dump), monkeypatch)
    assert found.versions == {"scikit-learn": ("1.3.0",)}


def test_all_versions_of_a_file_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saved_with: Dumps
) -> None:
    older = saved_with("1.2.2", lambda: pickle.dumps(tree()))
    found = stated(tmp_path, older + pickle.dumps(tree()), monkeypatch)
    assert found.versions == {"scikit-learn": ("1.2.2", sklearn.__version__)}


# The scan stops at each: an opcode that no pickler writes, an object outside of the file, a class
# by number, and one that Python 2 made.
STOPPING = {
    "twice": b"]2",
    "persistent": b"Pelsewhere\n",
    "extension": b"\x82\x01",
    "instance": b"(iold.module\nOld\n",
    "newobj": b"cold.module\nOld\n)}\x92",
}


@pytest.mark.parametrize("name", STOPPING)
def test_what_the_scan_stops_at_hides_no_version_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saved_with: Dumps, name: str
) -> None:
    older = saved_with("1.2.2", lambda: pickle.dumps(tree(), 4))
    # Protocol and frame of the inner pickle are 11 bytes, which may stand once.
    data = older[:11] + STOPPING[name] + b"0" + older[11:]
    found = stated(tmp_path, data, monkeypatch)
    assert found.versions == {"scikit-learn": ("1.2.2",)}


def test_a_damaged_file_states_what_is_left_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saved_with: Dumps
) -> None:
    older = saved_with("1.2.2", lambda: pickle.dumps(RandomForestClassifier(3).fit(X, Y)))
    assert stated(tmp_path, older[:-40], monkeypatch).versions == {"scikit-learn": ("1.2.2",)}
    for data in (b"", b"text", older[:20], gzip.compress(older)[:50]):
        assert stated(tmp_path, data, monkeypatch).versions == {}


def test_boosting_libraries_state_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saved_with: Dumps
) -> None:
    data = pickle.dumps(xgboost.XGBClassifier(n_estimators=1).fit(X, Y))
    own = b"\x03i%ci%ci%c" % tuple(Version(xgboost.__version__).release)
    assert own in data
    found = stated(tmp_path, data.replace(own, b"\x03i\x01i\x07i\x06"), monkeypatch)
    assert found.versions == {"xgboost": ("1.7.6",)}
    estimator = lightgbm.LGBMClassifier(n_estimators=1, verbose=-1).fit(X, Y)
    found = stated(tmp_path, saved_with("1.2.2", lambda: pickle.dumps(estimator)), monkeypatch)
    assert (found.versions, found.helper_versions) == ({}, ("1.2.2",))
    piped = make_pipeline(StandardScaler(), estimator)
    found = stated(tmp_path, saved_with("1.2.2", lambda: pickle.dumps(piped)), monkeypatch)
    assert found.versions == {"scikit-learn": ("1.2.2",)}


def test_nothing_that_a_pickle_names_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "called"
    data = b"\x80\x02cos\nmkdir\nX%c\0\0\0%b\x85R." % (len(str(mark)), str(mark).encode())
    found = stated(tmp_path, b"]2" + data[2:], monkeypatch)
    assert not mark.exists()
    assert found.modules == ("os",)
