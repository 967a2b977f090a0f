"""What an operator asks for, between uploads and deletions."""

import pytest

from serving.errors import OperationRefused
from serving.repository.repository import Repository
from tests.lambdas.serving.repository.uploads import publish, source


@pytest.fixture
def three(repository: Repository) -> Repository:
    """Versions 1, 2 and 3, of which 3 serves."""
    for number in (1, 2, 3):
        publish(repository, str(number), number)
    return repository


def current(repository: Repository) -> str | None:
    return repository.models.current("iris")


def test_rollback_goes_to_the_version_before(three: Repository) -> None:
    assert three.operations.roll_back("iris").version == "2"
    assert current(three) == "2"
    assert three.operations.roll_back("iris").version == "1"
    assert current(three) == "1"
    with pytest.raises(OperationRefused, match="no version before 1"):
        three.operations.roll_back("iris")


def test_after_a_rollback_a_new_upload_serves(three: Repository) -> None:
    three.operations.roll_back("iris", "1")
    assert publish(three, "4", 4) == "activated"
    assert current(three) == "4"


def test_what_was_rolled_back_does_not_come_back_by_itself(three: Repository) -> None:
    three.operations.roll_back("iris", "2")
    three.withdraw("iris", "iris.joblib", "write-2", "FF")
    assert current(three) == "1"
    assert three.operations.roll_back("iris", "3").version == "3"
    assert current(three) == "3"


def test_a_pinned_version_stays_whatever_arrives(three: Repository) -> None:
    three.operations.pin("iris", "1")
    assert publish(three, "4", 4) == "published"
    assert current(three) == "1"
    with pytest.raises(OperationRefused, match="pinned to version 1"):
        three.operations.roll_back("iris", "2")
    assert three.operations.unpin("iris").version == "4"
    assert current(three) == "4"


def test_a_pinned_version_is_never_pruned(three: Repository) -> None:
    three.operations.pin("iris", "1")
    for number in (4, 5):
        publish(three, str(number), number, retain=2)
    assert [m.version for m in three.models.manifests("iris")] == ["1", "4", "5"]


def test_when_the_pinned_version_is_withdrawn_the_newest_takes_over(three: Repository) -> None:
    three.operations.pin("iris", "1")
    three.withdraw("iris", "iris.joblib", "write-1", "FF")
    assert current(three) == "3"


def test_deleting_one_version(three: Repository) -> None:
    assert three.operations.delete("iris", "3").version == "3"
    assert current(three) == "2"
    assert three.is_withdrawn("iris", source(3))
    assert not three.is_withdrawn("iris", source(2))


def test_a_deleted_version_that_is_uploaded_anew_is_not_passed_over(three: Repository) -> None:
    three.operations.roll_back("iris", "2")
    three.operations.delete("iris", "3")
    assert publish(three, "3", 9) == "activated"
    assert current(three) == "3"


def test_deleting_a_model(three: Repository) -> None:
    assert three.operations.delete("iris").version == "1, 2, 3"
    assert three.models.status("iris").state == "withdrawn"
    assert publish(three, "4", 4) == "activated"


@pytest.mark.parametrize("operation", ["pin", "roll_back", "delete"])
def test_a_version_that_is_not_there_is_refused_with_those_that_are(
    three: Repository, operation: str
) -> None:
    with pytest.raises(OperationRefused, match="ready are: 1, 2, 3"):
        getattr(three.operations, operation)("iris", "9")


@pytest.mark.parametrize("operation", ["unpin", "roll_back", "delete"])
def test_a_model_that_is_not_there_is_refused(repository: Repository, operation: str) -> None:
    with pytest.raises(OperationRefused, match="tulip"):
        getattr(repository.operations, operation)("tulip")
    assert repository.models.names() == []


@pytest.mark.parametrize("operation", ["roll_back", "delete", "unpin"])
def test_a_dry_run_tells_the_outcome_and_changes_nothing(three: Repository, operation: str) -> None:
    before = three.models.status("iris")
    told = getattr(three.operations, operation)("iris", dry_run=True)
    assert three.models.status("iris") == before
    assert getattr(three.operations, operation)("iris") == told


def test_deleting_what_was_rolled_back_leaves_what_serves(repository: Repository) -> None:
    for number in (1, 2):
        publish(repository, str(number), number)
    repository.operations.roll_back("iris")
    repository.withdraw("iris", "iris.joblib", "write-2", "F")
    assert repository.models.resolve("iris").manifest.version == "1"
    assert publish(repository, "2", 3) == "activated"
