"""Versions that are prepared again, because the deployment's image is another one."""

import dataclasses
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from loader.publish import Publisher
from loader.reconcile.reconciler import Reconciler
from loader.staging.stager import Stager
from modelmount_compiler.compilation import Compilation
from serving.records.manifest import Description, Manifest
from serving.records.uploads import Pending
from serving.records.verdicts import Candidate, Prepared, Verdict
from serving.repository.repository import Repository
from serving.repository.status_report import render
from tests.lambdas.crash.steps import DESCRIPTION
from tests.lambdas.deployment import BUCKET

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

OLD, NEW = "image-1", "image-2"


class Image:
    """The functions of a deployment with an image of this name."""

    def __init__(self, s3: "S3Client", root: Path, name: str) -> None:
        self.name = name
        self.repository = Repository.laid_out(root, name)
        stager = Stager(s3, self.repository, 10**6)
        self._reconciler = Reconciler(s3, BUCKET, self.repository, stager)
        self._publisher = Publisher(self.repository, 5)

    def due(self) -> list[str]:
        return self._reconciler.plan().as_json()["renewals"]

    def run(self) -> list[Verdict]:
        return self._reconciler.run(self._reconciler.plan(), lambda: True).verdicts

    def prepare(self, verdict: Verdict, *, compiled: bool = True) -> dict[str, Any]:
        """Find a candidate in order, compiled or not, and publish it."""
        assert isinstance(verdict, Candidate)
        form = self.repository.candidates.compiled(verdict.candidate)
        if compiled:
            form.write_text(f"compiled in {self.name}")
        compilation = Compilation(form.name if compiled else None, "no converter")
        description = dataclasses.replace(DESCRIPTION, compilation=compilation)
        return self._publisher.act(self.describe(verdict, description))

    def describe(self, verdict: Candidate, description: Description) -> Candidate:
        """Leave a description, and return the verdict that `publish` acts on."""
        candidates = self.repository.candidates
        form = candidates.compiled(verdict.candidate)
        sha256 = hashlib.sha256(form.read_bytes()).hexdigest() if form.exists() else None
        found = dataclasses.replace(description, packages={"scikit-learn": self.name})
        return verdict.with_result(candidates.describe(verdict.candidate, found, sha256))

    def act(self, verdict: Verdict) -> dict[str, Any]:
        return self._publisher.act(verdict)

    @property
    def manifest(self) -> Manifest:
        return self.repository.models.resolve("iris").manifest

    def compiled_text(self) -> str:
        version = self.repository.models.resolve("iris")
        compilation = version.manifest.description.compilation
        assert compilation is not None
        assert compilation.file is not None
        return (version.folder / compilation.file).read_text()


@pytest.fixture
def old(s3: "S3Client", tmp_path: Path) -> Image:
    """Return a deployment that published `iris`."""
    s3.put_object(Bucket=BUCKET, Key="iris/1/m.joblib", Body=b"a model")
    image = Image(s3, tmp_path, OLD)
    (verdict,) = image.run()
    assert image.prepare(verdict)["result"] == "activated"
    return image


@pytest.fixture
def new(s3: "S3Client", tmp_path: Path, old: Image) -> Image:
    """Return the same deployment with another image."""
    return Image(s3, tmp_path, NEW)


def test_a_version_carries_the_image_that_it_was_prepared_in(old: Image) -> None:
    assert old.manifest.image == OLD
    assert old.due() == []


def test_another_image_prepares_it_again_and_the_old_form_serves_meanwhile(
    old: Image, new: Image
) -> None:
    before = old.manifest
    assert new.due() == ["iris/1"]
    (verdict,) = new.run()
    assert new.due() == []
    assert (new.manifest, new.compiled_text()) == (before, f"compiled in {OLD}")
    form = before.description.compilation
    assert new.prepare(verdict)["result"] == "renewed"
    assert (new.manifest.image, new.compiled_text()) == (NEW, f"compiled in {NEW}")
    assert new.manifest.description.packages == {"scikit-learn": NEW}
    assert new.manifest.published_at == before.published_at
    # Who read the manifest before still finds the form that it names.
    version = new.repository.models.resolve("iris")
    assert form is not None
    assert (version.folder / str(form.file)).read_text() == f"compiled in {OLD}"
    assert new.due() == []
    assert new.repository.models.status("iris").pending == []


def test_going_back_to_the_image_before_works_likewise(old: Image, new: Image) -> None:
    new.prepare(new.run()[0])
    assert old.due() == ["iris/1"]
    old.prepare(old.run()[0])
    assert (old.manifest.image, old.compiled_text()) == (OLD, f"compiled in {OLD}")


def test_forms_of_many_images_do_not_pile_up(s3: "S3Client", tmp_path: Path, old: Image) -> None:
    for number in range(3, 7):
        image = Image(s3, tmp_path, f"image-{number}")
        image.prepare(image.run()[0])
    folder = old.repository.models.resolve("iris").folder
    assert len(list(folder.glob(".compiled-*"))) == 2


def test_what_cannot_be_prepared_keeps_serving_and_is_told(old: Image, new: Image) -> None:
    before = old.manifest
    (verdict,) = new.run()
    assert isinstance(verdict, Candidate)
    outcome = new.act(verdict.rejected("CORRUPT_FILE", "sklearn 2 can't load it"))
    assert (outcome["result"], outcome["version"]) == ("kept", "1")
    told = "sklearn 2 can't load it More: docs/refused.md#corrupt_file"
    assert outcome["reason"] == told
    kept = dataclasses.replace(before, kept_in=NEW, kept_because=told)
    assert new.manifest == kept
    assert new.compiled_text() == f"compiled in {OLD}"
    status = new.repository.models.status("iris")
    assert (status.rejected, status.pending, status.state) == ([], [], "ready")
    # It isn't tried in this image again, but in the next one, and not in the one before.
    assert new.due() == []
    assert old.due() == []


def test_a_model_that_was_compiled_and_now_is_not_keeps_its_form(old: Image, new: Image) -> None:
    outcome = new.prepare(new.run()[0], compiled=False)
    assert outcome["result"] == "kept"
    assert "no converter" in outcome["reason"]
    assert new.compiled_text() == f"compiled in {OLD}"


def test_a_failed_preparer_keeps_it_too(old: Image, new: Image) -> None:
    (verdict,) = new.run()
    assert isinstance(verdict, Candidate)
    gone = verdict.with_result(Prepared("0" * 64))  # it left no description
    assert new.act(gone)["result"] == "kept"
    assert new.compiled_text() == f"compiled in {OLD}"


def test_model_code_that_changes_its_file_changes_nothing(old: Image, new: Image) -> None:
    (verdict,) = new.run()
    assert isinstance(verdict, Candidate)
    copy = new.repository.candidates.files(verdict.candidate) / "m.joblib"
    copy.write_bytes(b"changed")
    assert new.prepare(verdict)["result"] == "kept"
    assert new.repository.models.resolve("iris").model_file.read_bytes() == b"a model"


def test_what_was_deleted_meanwhile_does_not_come_back(old: Image, new: Image) -> None:
    (verdict,) = new.run()
    new.repository.operations.delete("iris", "1")
    assert new.prepare(verdict)["result"] == "superseded"
    assert new.repository.models.manifests("iris") == []
    assert new.repository.models.status("iris").pending == []


def test_one_that_was_given_up_is_begun_anew(
    s3: "S3Client", tmp_path: Path, old: Image, new: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first,) = new.run()
    assert isinstance(first, Candidate)
    monkeypatch.setattr("loader.reconcile.comparison.GIVEN_UP_AFTER", timedelta(hours=-1))
    (second,) = new.run()
    assert isinstance(second, Candidate)
    assert not new.repository.candidates.folder(first.candidate).exists()
    assert new.prepare(second)["result"] == "renewed"


def test_the_version_is_shown_as_serving_while_it_is_prepared_again(old: Image, new: Image) -> None:
    new.run()
    (shown,) = render(new.repository.models.status("iris"))["versions"]
    assert shown["state"] == "current"


def test_no_name_of_an_image_means_no_renewal(s3: "S3Client", tmp_path: Path, old: Image) -> None:
    assert Image(s3, tmp_path, "").due() == []


def test_a_record_from_before_is_due(old: Image, new: Image) -> None:
    assert Pending("m", "1", "c", "s", old.manifest.source).image == ""
    assert new.repository.is_due(dataclasses.replace(old.manifest, image=""))
