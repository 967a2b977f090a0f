"""Every file-system call of every step fails in turn."""

import dataclasses
import errno
import itertools
import shutil
from pathlib import Path

import pytest

from loader import publish as publishing
from serving.repository.repository import Repository
from tests.lambdas.crash import bucket, state, steps
from tests.lambdas.crash.kills.every_call import copy, undisturbed
from tests.lambdas.crash.reconcile_steps import reconcile
from tests.lambdas.crash.scenarios import SCENARIOS, Scenario
from tests.lambdas.crash.system_calls import READING, WRITING, SystemCalls, fail

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.ESTALE)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_failing_call_leaves_what_serves_and_the_next_try_gets_through(
    scenario: Scenario, tmp_path: Path
) -> None:
    start = tmp_path / "start"
    steps.begin(Repository(start))
    asked = scenario.asked(Repository(start))
    begun = {path.name for path in state.strays(start)}
    expected = undisturbed(scenario, start, asked)
    done = undisturbed(dataclasses.replace(scenario, rest=lambda *_: None), start, asked)
    for call in itertools.count(1, scenario.apart):
        root = tmp_path / "failed"
        repository = copy(start, root)
        number = ERRORS[call % len(ERRORS)]
        raised = None
        with SystemCalls(READING | WRITING, call, fail(number)) as calls:
            try:
                scenario.step(repository, asked)
            except OSError as error:
                raised = error.errno
        if len(calls.made) < call:
            break
        where = f"{calls.made[-1]}, call {call}"
        assert state.read(repository.models, "iris") in scenario.seen, where
        after = state.snapshot(repository)
        is_refused = _has_no_space(repository)
        assert raised == number or after == done or is_refused, where
        assert {path.name for path in state.strays(root)} <= begun, where
        scenario.step(repository, asked)
        scenario.rest(repository, asked)
        if not (is_refused and scenario.step is reconcile):  # which doesn't ask again
            assert state.snapshot(repository) == expected, where
        shutil.rmtree(root)
    assert call > 3


def _has_no_space(repository: Repository) -> bool:
    statuses = [repository.models.status(model) for model in repository.models.names()]
    return any(r.code == "NO_SPACE" for status in statuses for r in status.rejected)


def test_a_model_that_cannot_be_read_is_not_said_to_be_missing(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    steps.begin(repository)
    for call in itertools.count(1):
        with SystemCalls(READING | WRITING, call, fail(errno.ESTALE)) as calls:
            try:
                found = state.read(repository.models, "iris")
            except OSError:
                continue
        assert found == "3"
        if len(calls.made) < call:
            break  # nothing was left to fail; a call that failed once was tried again
    assert call > 3


@pytest.mark.parametrize("number", ERRORS)
def test_an_upload_that_fails_for_good_leaves_a_reason_in_status(
    tmp_path: Path, number: int
) -> None:
    repository = Repository(tmp_path)
    steps.begin(repository)
    event = bucket.created(4, steps.key(4))
    with (
        SystemCalls(frozenset(["fsync"]), 1, fail(number)),
        pytest.raises(OSError, match="Errno") as failure,
    ):
        repository.announce("iris", "4", event.source)
    for verdict in publishing.read(bucket.given_up(event, str(failure.value))):
        steps.act(repository, verdict)
    (rejection,) = repository.models.status("iris").rejected
    assert str(failure.value) in rejection.reason
    assert state.read(repository.models, "iris") == "3"
