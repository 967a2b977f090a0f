"""A small fuzz of each medium; `python -m tests.fuzz.media` runs more."""

import pytest

from serving.api.application import Application
from tests.fuzz.media import answers, bodies

BODIES = 400
SEED = 20261129


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Application:
    return answers.application(tmp_path_factory.mktemp("media"))


@pytest.mark.slow
@pytest.mark.parametrize("medium", list(bodies.MAKERS))
def test_every_body_is_answered_or_refused_with_a_text(asked: Application, medium: str) -> None:
    statuses, faults = answers.fuzz(asked, medium, SEED, BODIES)
    assert not faults
    assert {200, 400} <= statuses.keys()
    assert statuses[200] > BODIES / 40
