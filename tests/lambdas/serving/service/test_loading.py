"""Which form of a model is loaded, and what it is said to take."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from benchmarks.cache import models
from modelmount_compiler.signature import Method
from serving.errors import ModelUnavailable, SignatureMismatch
from serving.repository.model_folder import PublishedVersion
from serving.repository.model_reader import ModelReader
from serving.service import loading
from serving.service.originals import COPIED_BYTES, Originals, discard
from serving.service.query import Query
from serving.service.servable_version import ServableVersion
from serving.service.service import Service
from tests.lambdas import zoo
from workers.bounds import Bounds

MIB = 1024 * 1024
ROW = models.ROW[:8]
ORIGINALS = Originals(Bounds())


def resolved(root: Path, model: str = "m") -> PublishedVersion:
    return ModelReader(root / "models").resolve(model)


def proven_up_to(rows: int, found: PublishedVersion) -> PublishedVersion:
    description = found.manifest.description
    compilation = description.compilation
    assert compilation is not None
    proofs = tuple(replace(proof, max_rows=rows) for proof in compilation.methods)
    compilation = replace(compilation, methods=proofs)
    description = replace(description, compilation=compilation)
    return replace(found, manifest=replace(found.manifest, description=description))


def neighbors(mib: int) -> KNeighborsClassifier:
    x = np.random.default_rng(0).normal(size=(mib * MIB // 64, 8))
    return KNeighborsClassifier(algorithm="brute").fit(x, np.arange(len(x)) % 2)


def test_a_compiled_form_is_counted(tmp_path: Path) -> None:
    models.publish(tmp_path, "m", 1, 3 * MIB, 1.0, len(ROW))
    found = resolved(tmp_path)
    size = loading.load(found, "compiled", ORIGINALS).size
    estimate = loading.estimate(found.manifest.description, "compiled")
    assert 3 * MIB - 1000 < estimate <= size < estimate + 20_000


def test_an_original_takes_what_its_worker_grew_by(tmp_path: Path) -> None:
    models.publish_original(tmp_path, "m", neighbors(40))
    loaded = loading.load(resolved(tmp_path), "original", ORIGINALS)
    discard(loaded.value)
    assert 40 * MIB < loaded.size < 60 * MIB + COPIED_BYTES


def test_an_original_that_grew_its_worker_by_nothing_takes_its_file(tmp_path: Path) -> None:
    models.publish_original(tmp_path, "m", neighbors(1))
    found = resolved(tmp_path)
    loaded = loading.load(found, "original", ORIGINALS)
    discard(loaded.value)
    assert loaded.size >= found.model_file.stat().st_size + COPIED_BYTES


def test_the_original_stands_in_for_a_compiled_form_that_does_not_load(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    zoo.publish(tmp_path, "m", "1", neighbors(1))
    loaded = loading.load(resolved(tmp_path), "compiled", ORIGINALS)
    assert "the original serves" in caplog.text
    assert loaded.value.infer([ROW], "predict") in ([0], [1])


def test_what_does_not_load_is_unavailable(tmp_path: Path) -> None:
    models.publish(tmp_path, "m", 1, MIB, 1.0, len(ROW))
    with pytest.raises(ModelUnavailable, match="doesn't load"):
        loading.load(resolved(tmp_path), "original", ORIGINALS)


@pytest.mark.parametrize(
    ("method", "rows", "form"),
    [("predict", 1, "compiled"), ("predict", 9, "original"), ("transform", 1, "compiled")],
)
def test_each_call_goes_to_the_form_that_was_proven_for_it(
    tmp_path: Path, method: Method, rows: int, form: loading.Form
) -> None:
    """A method that the model hasn't is refused by what is there already."""
    models.publish(tmp_path, "m", 1, MIB, 1.0, len(ROW))
    version = ServableVersion(proven_up_to(8, resolved(tmp_path)))
    assert version.form_for(method, rows).form == form
    assert version.preferred.form == "compiled"


def test_a_method_that_the_model_has_not_loads_no_original(tmp_path: Path) -> None:
    models.publish(tmp_path, "m", 1, MIB, 1.0, len(ROW))
    service = Service(ModelReader(tmp_path / "models"), budget_bytes=2**30, refresh_seconds=0)
    with pytest.raises(SignatureMismatch, match="no transform"):
        service.ask(Query("m", None, [ROW], "transform"))
    assert {form.form for form in service._cache._entries.select(lambda _: True)} == {"compiled"}


def test_a_method_that_is_not_compiled_is_served_by_the_original(tmp_path: Path) -> None:
    zoo.publish(tmp_path, "m", "1", neighbors(1))
    service = Service(ModelReader(tmp_path / "models"), budget_bytes=2**30, refresh_seconds=0)
    answer = service.ask(Query("m", None, [ROW], "predict_proba"))
    assert answer.result.shape == (1, 2)
    assert service._cache.used_bytes >= MIB
