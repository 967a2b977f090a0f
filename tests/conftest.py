"""What every test can ask for. The lanes, `make unit` and `make test`: tests/lanes.py."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

# As in the image. Read when NumPy and scikit-learn are loaded, which is after this.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Without credentials boto3 would ask the network for some.
os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")

pytest_plugins = ["tests.lanes", "tests.environments"]

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def load_event() -> Callable[[str], Any]:
    """Read a recorded AWS event of `tests/events` by name."""

    def load(name: str) -> Any:
        return json.loads((ROOT / "tests" / "events" / f"{name}.json").read_text("utf-8"))

    return load


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say a figure in the report at the end of the run."""
    return lambda text: record_property("measured", text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Repeat what tests measured, so that a log shows it."""
    reports = terminalreporter.getreports("passed")
    lines = [text for r in reports for name, text in r.user_properties if name == "measured"]
    if lines:
        terminalreporter.section("measured")
        terminalreporter.write("".join(f"{line}\n" for line in lines))


# What shares an expensive session fixture stays on one worker: an image, a local system, a
# synthesis. The longest go first, so that no worker is left alone with one at the end.
GROUPS = {"image": "image", "deploy": "image", "e2e": "e2e", "nfs": "nfs", "stacks": "stacks"}


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name most bytes by their number: gzip's have the time, which differs between processes."""
    if isinstance(val, bytes) and (len(val) > 20 or not val.isascii()):
        return f"{argname} of {len(val)} bytes"
    return None


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put each group on one worker, and the groups before the rest."""
    for item in items:
        if group := GROUPS.get(_folder(item)):
            item.add_marker(pytest.mark.xdist_group(group))
    order = list(GROUPS)
    items.sort(key=lambda i: order.index(f) if (f := _folder(i)) in order else len(order))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Stop where xdist doesn't know the groups: two workers would build one image at once.

    Raises:
        pytest.UsageError: if so.
    """
    if os.environ.get("PYTEST_XDIST_WORKER") and session.config.getoption("loadgroup", False):
        for item in session.items:
            if _folder(item) in GROUPS and "@" not in item.nodeid:
                raise pytest.UsageError("pytest-xdist keeps no groups with this pytest.")


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT / "tests").parts[0]
