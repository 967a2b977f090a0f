"""Uploads of several objects, from the bucket to the answer."""

import hashlib
import io
import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from preparation.prepare import Preparer
from tests.lambdas.chains import tables, texts
from tests.lambdas.chains.shape import Shape, save
from tests.lambdas.deployment import Deployment
from tests.lambdas.modelmount_compiler.frameworks.chain import test_ambiguous as open_shapes

pytestmark = pytest.mark.slow


class _Calls:
    """Runs a function when it is unpickled."""

    def __reduce__(self) -> Any:
        return print, ("called",)


def _contents(files: dict[str, Any], folder: Path) -> dict[str, bytes]:
    save(folder, files)
    return {name: (folder / name).read_bytes() for name in files}


def _zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture
def real(deployment: Deployment) -> Deployment:
    """A deployment that scans and loads in child processes, and compiles nothing."""
    deployment.prepare_with = Preparer
    deployment.__post_init__()
    return deployment


def _ask(deployment: Deployment, model: str, instances: list[Any]) -> Any:
    body = json.dumps({"model": model, "instances": instances}).encode()
    response = deployment.call("POST", "/inference", body)
    assert response.status == 200, response.body
    return json.loads(response.body)["predictions"]


def _described(deployment: Deployment, model: str) -> Any:
    response = deployment.call("GET", f"/models/{model}")
    return json.loads(response.body)


def test_an_archive_of_pieces_answers_texts_with_labels(real: Deployment, tmp_path: Path) -> None:
    shape = texts.three_with_labels()
    outcome = real.upload("spam.zip", _zipped(_contents(shape.files, tmp_path)))
    assert outcome is not None
    assert outcome["result"] == "activated", outcome
    assert _ask(real, "spam", shape.instances) == shape.app(shape.instances).tolist()
    told = json.dumps(_described(real, "spam"))
    assert '"file": "count_vect.joblib"' in told or '"file":"count_vect.joblib"' in told


def _listed(real: Deployment, shape: Shape, folder: Path, **fields: Any) -> Any:
    files = _contents(shape.files, folder)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    text = json.dumps({"files": digests, **fields}).encode()
    outcome = real.upload("people/1/model.json", text)
    for name, data in files.items():
        outcome = real.upload(f"people/1/{name}", data) or outcome
    return outcome


def test_a_list_of_pieces_answers_records(real: Deployment, tmp_path: Path) -> None:
    shape = tables.some_columns_scaled()
    outcome = _listed(real, shape, tmp_path, chain=None)
    assert outcome["result"] == "activated", outcome
    found = _ask(real, "people", shape.instances)
    assert found == np.asarray(shape.app(shape.instances)).tolist()


def test_a_container_answers_records(real: Deployment, tmp_path: Path) -> None:
    shape = texts.tuple_of_records()
    (data,) = _contents(shape.files, tmp_path).values()
    outcome = real.upload("model_C=1.0.bin", data)
    assert outcome is not None
    assert outcome["result"] == "activated", outcome
    found = _ask(real, "model_C=1.0", shape.instances)
    assert found == np.asarray(shape.app(shape.instances)).tolist()


def test_a_statement_in_an_archive_is_followed(real: Deployment, tmp_path: Path) -> None:
    files = _contents(open_shapes.labels_or_a_column(), tmp_path)
    refused = real.upload("people.zip", _zipped(files))
    assert refused is not None
    assert "AMBIGUOUS_PIECES" in json.dumps(_described(real, "people"))
    files["model.json"] = b'{"labels": "label_encoder.pkl"}'
    outcome = real.upload("people.zip", _zipped(files))
    assert outcome is not None
    assert outcome["result"] == "activated", outcome
    assert set(_ask(real, "people", open_shapes.NUMBERS.tolist())) == {"Female", "Male"}


def test_each_piece_is_scanned(real: Deployment, tmp_path: Path) -> None:
    files = _contents(texts.tfidf_and_model().files, tmp_path)
    files["vectorizer.pkl"] = pickle.dumps(_Calls())
    outcome = real.upload("spam.zip", _zipped(files))
    assert outcome is not None
    assert outcome["result"] == "rejected"
    told = json.dumps(_described(real, "spam"))
    assert "UNSAFE_PICKLE" in told
    assert "vectorizer.pkl" in told


def test_one_half_is_served_and_tells_what_is_missing(real: Deployment) -> None:
    vectorizer = CountVectorizer().fit(texts.TEXTS)
    outcome = real.upload("vectorizer.pkl", pickle.dumps(vectorizer))
    assert outcome is not None
    assert outcome["result"] == "activated", outcome
    assert "bring both" in json.dumps(_described(real, "vectorizer"))
