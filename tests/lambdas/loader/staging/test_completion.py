"""A file that was a version alone, and the `model.json` that comes after it."""

import threading
from typing import Any

import pytest

from serving.records.verdicts import Candidate
from serving.repository import files
from tests.lambdas.crash import state
from tests.lambdas.deployment import Deployment, classifier, dumped
from tests.lambdas.loader.staging.file_sets import (
    FILES,
    FOLDER,
    MODEL,
    accepting,
    entry,
    model_json,
    objects,
    published,
    put_all,
    upload_all,
)

LISTING = f"{FOLDER}model.json"
ALONE = f"{FOLDER}model.joblib"


@pytest.fixture
def deployment(deployment: Deployment) -> Deployment:
    return accepting(deployment)


@pytest.fixture
def ready(deployment: Deployment) -> Candidate:
    """Publish the file alone, and bring the candidate of the whole as far as `publish`."""
    deployment.upload(ALONE, MODEL)
    assert published(deployment) == {"model.joblib": MODEL}
    events = put_all(deployment, {k: v for k, v in objects().items() if k != ALONE})
    verdict = deployment.judge(events[LISTING])
    assert isinstance(verdict, Candidate)
    return verdict


def folder(deployment: Deployment) -> Any:
    return deployment.repository.models.resolve("gpt", "1").folder


def test_it_is_completed_in_place(deployment: Deployment, ready: Candidate) -> None:
    before = (folder(deployment) / "model.joblib").stat().st_ino
    deployment.publisher.act(ready)
    assert published(deployment) == {**FILES, "model.json": model_json()}
    assert (folder(deployment) / "model.joblib").stat().st_ino == before
    shown = entry(deployment)
    assert (shown["state"], shown["source"]["key"]) == ("current", LISTING)
    assert list(deployment.repository.candidates.stale(-1)) == []


def test_a_reader_sees_the_old_version_or_the_new_one_whole(
    deployment: Deployment, ready: Candidate
) -> None:
    stop, seen, failed = threading.Event(), set(), []

    def read() -> None:
        while not stop.is_set():
            try:
                assert state.read(deployment.repository.models, "gpt") == "1"
                seen.add(len(deployment.repository.models.resolve("gpt").manifest.files))
            except BaseException as error:
                failed.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    while not seen and not failed:
        pass
    deployment.publisher.act(ready)
    while 4 not in seen and not failed:
        pass
    stop.set()
    reader.join()
    assert failed == []
    assert seen == {1, 4}


@pytest.mark.parametrize(
    "step", ["contents.verify", "contents.move", "files.write_record", "files.sync_folder"]
)
@pytest.mark.parametrize("after", [False, True])
def test_it_goes_on_where_it_was_killed(
    deployment: Deployment,
    ready: Candidate,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    after: bool,
) -> None:
    module, name = step.split(".")
    target = f"serving.repository.{module}.{name}"
    original = getattr(
        files
        if module == "files"
        else __import__("serving.repository.contents", fromlist=["contents"]),
        name,
    )

    def killed(*arguments: Any, **named: Any) -> None:
        if after:
            original(*arguments, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(target, killed)
        with pytest.raises(KeyboardInterrupt):
            deployment.publisher.act(ready)
    assert state.read(deployment.repository.models, "gpt") == "1"
    assert deployment.publisher.act(ready)["result"] == "activated"
    assert published(deployment) == {**FILES, "model.json": model_json()}
    assert deployment.publisher.act(ready)["result"] == "duplicate"


def test_what_another_list_left_half_done_goes(
    deployment: Deployment, ready: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("serving.repository.files.write_record", _kill)
        with pytest.raises(KeyboardInterrupt):
            deployment.publisher.act(ready)
    assert (folder(deployment) / "code" / "words.txt").exists()
    other = {"model.joblib": MODEL, "code": b"a file where a folder was"}
    deployment.upload(f"{FOLDER}code", other["code"])
    outcome = deployment.upload(LISTING, model_json(other))
    assert outcome is not None
    assert outcome["result"] == "activated"
    assert published(deployment) == {**other, "model.json": model_json(other)}
    assert deployment.publisher.act(ready)["result"] == "rejected"


def _kill(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "listed",
    [
        {**FILES, "model.joblib": dumped(classifier(10))},
        {"other.joblib": dumped(classifier(10)), "code/words.txt": b"one"},
    ],
    ids=["with other bytes", "not at all"],
)
def test_a_list_that_does_not_hold_the_published_file_is_refused(
    deployment: Deployment, listed: dict[str, bytes]
) -> None:
    deployment.upload(ALONE, MODEL)
    outcome = upload_all(deployment, objects(listed))[-1]
    assert outcome["result"] == "rejected"
    assert entry(deployment, "rejected")["code"] == "VERSION_EXISTS"
    assert published(deployment) == {"model.joblib": MODEL}


@pytest.mark.parametrize("main", ["model.joblib", "steps.joblib"])
def test_of_two_models_the_second_is_refused_only_until_they_are_listed(
    deployment: Deployment, main: str
) -> None:
    two = {"model.joblib": MODEL, "steps.joblib": dumped(classifier(10))}
    outcomes = upload_all(deployment, objects(two, main=main))
    assert [o["result"] for o in outcomes if o] == ["activated", "rejected", "activated"]
    shown = entry(deployment)
    assert (shown["state"], shown["files"][0]["name"]) == ("current", main)
    assert published(deployment) == {**two, "model.json": model_json(two, main=main)}


def test_the_file_alone_that_comes_late_is_dropped(deployment: Deployment) -> None:
    alone = deployment.judge(deployment.put(ALONE, MODEL))
    assert isinstance(alone, Candidate)
    upload_all(deployment, {k: v for k, v in objects().items() if k != ALONE})
    assert entry(deployment, "current")["source"]["key"] == LISTING
    assert deployment.publisher.act(alone)["result"] == "superseded"
    assert published(deployment) == {**FILES, "model.json": model_json()}


def test_the_file_alone_that_is_published_meanwhile_is_completed(deployment: Deployment) -> None:
    alone = deployment.judge(deployment.put(ALONE, MODEL))
    events = put_all(deployment, {k: v for k, v in objects().items() if k != ALONE})
    whole = deployment.judge(events[LISTING])
    assert alone is not None
    assert whole is not None
    assert deployment.publisher.act(alone)["result"] == "activated"
    assert deployment.publisher.act(whole)["result"] == "activated"
    assert published(deployment) == {**FILES, "model.json": model_json()}
