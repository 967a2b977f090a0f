"""The sample, running."""

from collections.abc import Iterator

import pytest

from tests.local.sample.assembly_folder import write_assembly
from tests.local.sample.template import sample_template
from tests.local.sample_run import Run, start


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("run")
    run = start(write_assembly(folder / "out", sample_template()), folder / "state")
    yield run
    run.stop()
