"""What the repository promises, one upload at a time; see `test_uploads` for the whole way."""

import os
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from serving.errors import (
    ModelNotFound,
    ModelUnavailable,
    RecordError,
    UploadRejected,
    VersionNotFound,
)
from serving.repository import files
from serving.repository.repository import Repository
from tests.lambdas.prepared import prepared
from tests.lambdas.serving.repository.uploads import publish, source, stage


def test_a_published_version_is_resolved_with_its_files(repository: Repository) -> None:
    assert publish(repository, "1", 1) == "activated"
    resolved = repository.models.resolve("iris")
    assert resolved.manifest.version == "1"
    assert resolved.model_file.read_bytes() == b"1"
    assert repository.models.status("iris").pending == []
    assert list((resolved.folder).iterdir()) != []
    assert not any(p.name == "description.json" for p in resolved.folder.iterdir())


def test_current_only_moves_forward(repository: Repository) -> None:
    assert publish(repository, "new", 9) == "activated"
    assert publish(repository, "old", 3) == "published"
    assert repository.models.current("iris") == "new"
    assert repository.models.resolve("iris", "old").model_file.read_bytes() == b"old"


@pytest.mark.slow
def test_a_reader_never_misses_the_current_version_while_it_is_replaced(
    repository: Repository,
) -> None:
    publish(repository, "0", 0, retain=1)
    stop, seen, failed = threading.Event(), set(), []

    def read() -> None:
        while not stop.is_set():
            try:
                resolved = repository.models.resolve("iris")
                seen.add(resolved.manifest.version)
            except Exception as error:
                failed.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(1, 40):
        publish(repository, str(number), number, retain=1)
    stop.set()
    for reader in readers:
        reader.join()
    assert failed == []
    assert len(seen) > 1
    assert repository.models.resolve("iris").manifest.version == "39"


def test_old_versions_are_pruned_but_never_the_current(repository: Repository) -> None:
    for number in range(1, 5):
        publish(repository, str(number), number, retain=2)
    assert [m.version for m in repository.models.manifests("iris")] == ["3", "4"]
    assert list(repository.candidates.folder("0" * 32).parent.iterdir()) == []


def test_a_candidate_that_is_not_the_announced_one_is_dropped(repository: Repository) -> None:
    first = stage(repository, "1", source(1))
    second = stage(repository, "1", source(1))
    assert (
        repository.publish(
            "iris", "1", first.candidate, 5, prepared(repository, first.candidate)
        ).result
        == "duplicate"
    )
    assert not repository.candidates.folder(first.candidate).exists()
    assert (
        repository.publish(
            "iris", "1", second.candidate, 5, prepared(repository, second.candidate)
        ).result
        == "activated"
    )
    assert (
        repository.publish(
            "iris", "1", second.candidate, 5, prepared(repository, second.candidate)
        ).result
        == "duplicate"
    )


@pytest.mark.parametrize("call", ["files.replace_link", "files.write_record", "files.sync_folder"])
@pytest.mark.parametrize("after", [False, True])
def test_publish_goes_on_where_it_was_killed(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, call: str, after: bool
) -> None:
    publish(repository, "1", 1)
    pending = stage(repository, "2", source(2))

    def killed(*arguments: Any) -> None:
        if after:
            original(*arguments)
        raise KeyboardInterrupt

    original = getattr(files, call.removeprefix("files."))
    with monkeypatch.context() as patch:
        patch.setattr(f"serving.repository.{call}", killed)
        with pytest.raises(KeyboardInterrupt):
            repository.publish(
                "iris", "2", pending.candidate, 5, prepared(repository, pending.candidate)
            )
    killed_late = after and call == "files.replace_link"
    assert repository.models.resolve("iris").manifest.version == ("2" if killed_late else "1")
    assert (
        repository.publish(
            "iris", "2", pending.candidate, 5, prepared(repository, pending.candidate)
        ).result
        == "activated"
    )
    assert repository.models.resolve("iris").manifest.version == "2"


def test_an_existing_version_never_changes(repository: Repository) -> None:
    publish(repository, "1", 1)
    pending = stage(repository, "1", replace(source(2), etag="other"), b"other")
    with pytest.raises(UploadRejected, match="versions don't change"):
        repository.publish(
            "iris", "1", pending.candidate, 5, prepared(repository, pending.candidate)
        )
    assert repository.models.resolve("iris").model_file.read_bytes() == b"1"


def test_files_that_model_code_left_are_not_taken(repository: Repository) -> None:
    pending = stage(repository, "1", source(1))
    (repository.candidates.files(pending.candidate) / "extra").symlink_to("/etc/passwd")
    with pytest.raises(UploadRejected, match="extra"):
        repository.publish(
            "iris", "1", pending.candidate, 5, prepared(repository, pending.candidate)
        )


def test_a_description_that_is_a_link_is_not_read(repository: Repository, tmp_path: Path) -> None:
    pending = stage(repository, "1", source(1))
    path = repository.candidates.folder(pending.candidate) / "description.json"
    path.rename(tmp_path / "elsewhere.json")
    path.symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(UploadRejected, match="description was changed"):
        repository.publish(
            "iris", "1", pending.candidate, 5, prepared(repository, pending.candidate)
        )


def test_files_that_are_a_link_elsewhere_are_not_taken(repository: Repository) -> None:
    publish(repository, "1", 1)
    pending = stage(repository, "2", source(2))
    folder = repository.candidates.files(pending.candidate)
    shutil.rmtree(folder)
    served = repository.models.resolve("iris").folder
    folder.symlink_to(served)
    with pytest.raises(UploadRejected, match="gone"):
        repository.publish(
            "iris", "2", pending.candidate, 5, prepared(repository, pending.candidate)
        )
    assert repository.models.resolve("iris").manifest.version == "1"


def test_the_sweep_takes_whatever_was_left(repository: Repository) -> None:
    root = repository.candidates.folder(repository.candidates.create()).parent
    (root / "a-file").write_text("left")
    (root / "a-link").symlink_to("/etc")
    repository.candidates.sweep(older_than=-1)
    assert list(root.iterdir()) == []


@pytest.mark.parametrize("candidate", ["", "..", "../../models", "x" * 32, "A" * 32, "a" * 31])
def test_a_candidates_id_cannot_lead_elsewhere(repository: Repository, candidate: str) -> None:
    with pytest.raises(RecordError):
        repository.candidates.folder(candidate)


def test_a_rejection_leaves_what_serves(repository: Repository) -> None:
    publish(repository, "1", 1)
    pending = stage(repository, "2", source(2))
    assert repository.reject("iris", "2", "CODE", "why", source(2)).result == "rejected"
    status = repository.models.status("iris")
    assert (status.current, [r.reason for r in status.rejected]) == ("1", ["why"])
    assert status.pending == []
    assert not repository.candidates.folder(pending.candidate).exists()


def test_a_rejection_finds_the_version_under_which_the_write_was_announced(
    repository: Repository,
) -> None:
    stage(repository, "as-announced", source(2))
    outcome = repository.reject("iris", "as-guessed", "CODE", "why", source(2))
    assert outcome.version == "as-announced"
    assert repository.models.status("iris").pending == []


def test_a_late_rejection_of_what_serves_is_ignored(repository: Repository) -> None:
    publish(repository, "1", 1)
    assert repository.reject("iris", "1", "CODE", "why", source(1)).result == "duplicate"
    assert repository.models.status("iris").rejected == []


def test_deleting_the_object_withdraws_and_the_previous_takes_over(repository: Repository) -> None:
    for number, key in ((1, "iris/1/m.joblib"), (2, "iris/2/m.joblib")):
        pending = stage(repository, str(number), source(number, key))
        repository.publish(
            "iris", str(number), pending.candidate, 5, prepared(repository, pending.candidate)
        )
    outcome = repository.withdraw("iris", "iris/2/m.joblib", None, f"{3:016X}")
    assert (outcome.result, outcome.version) == ("withdrawn", "2")
    assert repository.models.resolve("iris").manifest.version == "1"
    with pytest.raises(VersionNotFound):
        repository.models.resolve("iris", "2")
    repository.withdraw("iris", "iris/1/m.joblib", None, f"{4:016X}")
    with pytest.raises(ModelNotFound, match="withdrawn"):
        repository.models.resolve("iris")


def test_one_deleted_write_withdraws_its_version_alone(repository: Repository) -> None:
    publish(repository, "1", 1)
    publish(repository, "2", 2)
    assert repository.withdraw("iris", "iris.joblib", "write-2", f"{3:016X}").version == "2"
    assert repository.models.current("iris") == "1"


def test_a_late_event_cannot_raise_the_dead(repository: Repository) -> None:
    publish(repository, "1", 1)
    late = stage(repository, "2", source(2))
    repository.withdraw("iris", "iris.joblib", None, f"{5:016X}")
    assert repository.is_withdrawn("iris", source(2))
    assert (
        repository.publish(
            "iris", "2", late.candidate, 5, prepared(repository, late.candidate)
        ).result
        == "duplicate"
    )
    again = stage(repository, "2", source(2))
    assert (
        repository.publish(
            "iris", "2", again.candidate, 5, prepared(repository, again.candidate)
        ).result
        == "superseded"
    )
    assert repository.models.current("iris") is None
    assert publish(repository, "6", 6) == "activated"


def test_a_late_deletion_leaves_newer_writes(repository: Repository) -> None:
    publish(repository, "9", 9)
    repository.withdraw("iris", "iris.joblib", None, f"{5:016X}")
    assert repository.models.current("iris") == "9"


def test_a_deletion_that_overtakes_its_upload_holds(repository: Repository) -> None:
    repository.withdraw("iris", "iris.joblib", None, f"{5:016X}")
    assert repository.is_withdrawn("iris", source(4))
    assert not repository.is_withdrawn("iris", source(6))
    assert repository.models.status("iris").state == "withdrawn"


def test_deleting_a_write_that_is_not_here_does_nothing(repository: Repository) -> None:
    publish(repository, "1", 1)
    outcome = repository.withdraw("iris", "iris.joblib", "a-delete-marker", f"{5:016X}")
    assert outcome.result == "unknown"
    assert repository.models.status("iris").withdrawn == []


def test_a_model_on_its_way_is_unavailable_rather_than_unknown(repository: Repository) -> None:
    repository.announce("iris", "1", source(1))
    with pytest.raises(ModelUnavailable, match="being prepared"):
        repository.models.resolve("iris")
    with pytest.raises(ModelNotFound, match="no model"):
        repository.models.resolve("tulip")


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "\x00", ".refused"])
def test_names_that_could_lead_elsewhere_are_unknown_models(
    repository: Repository, name: str
) -> None:
    publish(repository, "1", 1)
    with pytest.raises(ModelNotFound):
        repository.models.resolve(name)
    with pytest.raises(VersionNotFound):
        repository.models.resolve("iris", name or "..")


def test_refused_keys_are_kept_until_deleted(repository: Repository) -> None:
    repository.refuse("a/b/c/d.joblib", "INVALID_KEY", "too deep")
    assert [r.key for r in repository.models.refusals()] == ["a/b/c/d.joblib"]
    assert repository.models.names() == []
    repository.forgive("a/b/c/d.joblib")
    assert repository.models.refusals() == []


def test_the_sweep_takes_only_what_is_old(repository: Repository) -> None:
    old, young = repository.candidates.create(), repository.candidates.create()
    yesterday = time.time() - 25 * 3600
    os.utime(repository.candidates.folder(old), (yesterday, yesterday))
    assert repository.candidates.sweep() == [old]
    assert repository.candidates.folder(young).exists()
