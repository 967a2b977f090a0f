"""The two lanes of tests: `make unit` runs those that aren't marked `slow`, `make test` runs all.

A test gets the mark by itself
- in the folders of `SLOW_FOLDERS`, which build images, deploy, measure or run whole systems;
- as one of many cases of a test in `SAMPLED`: only the first `SAMPLE` cases stay unmarked.

Mark by hand what takes seconds or asks a server: `@pytest.mark.slow` for a test,
`pytestmark = pytest.mark.slow` for a module.

A test without the mark can't connect to anything: it fails, and the failure says what to do.

A test that lacks something that a make target installs is skipped, and its reason says so:
"install it with: make …". `make test` sets `MODELMOUNT_ALL`, which turns that into a failure.
"""

import os
import re
import sys
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any, TypeVar

import pytest

TESTS = Path(__file__).resolve().parent
SLOW_FOLDERS = (
    *("image", "deploy", "e2e", "nfs", "benchmarks", "packaging", "lambdas/crash"),
    *("stacks/mutations", "stacks/scanners"),
)
SAMPLED = ("lambdas/modelmount_compiler",)
SAMPLE = 2
NOT_INSTALLED = re.compile(r"install \w+ with: make ")

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


class Network:
    """Refuses connections while a test of `make unit` runs."""

    closed = False

    @classmethod
    def watch(cls, event: str, arguments: tuple[Any, ...]) -> None:
        """Fail the test that connects. The address of a Unix socket is text, and passes."""
        if event == "socket.connect" and cls.closed and isinstance(arguments[1], tuple):
            pytest.fail(f"{arguments[1]} was asked: mark this test with @pytest.mark.slow")


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark, and watch the network."""
    config.addinivalue_line("markers", "slow: takes seconds or asks a server; not in `make unit`")
    sys.addaudithook(Network.watch)


@pytest.hookimpl(tryfirst=True)  # before pytest selects by marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of slow folders, and the cases beyond a sample."""
    cases: Counter[str] = Counter()
    for item in items:
        test = item.nodeid.partition("[")[0]
        cases[test] += 1
        unsampled = cases[test] > SAMPLE and _lies_in(SAMPLED, item)
        if unsampled or _lies_in(SLOW_FOLDERS, item):
            item.add_marker("slow")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """Close the network to a test without the mark, and to the fixtures that it sets up."""
    Network.closed = item.get_closest_marker("slow") is None
    try:
        return (yield)
    finally:
        Network.closed = False


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that was skipped for want of an install, where everything must be there."""
    return _insist((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Do the same for a module that is skipped as a whole."""
    return _insist((yield))


def _insist(report: Report) -> Report:
    wanted = report.skipped and NOT_INSTALLED.search(str(report.longrepr))
    if wanted and os.environ.get("MODELMOUNT_ALL"):
        report.outcome = "failed"
    return report


def _lies_in(folders: tuple[str, ...], item: pytest.Item) -> bool:
    return any(TESTS / folder in item.path.parents for folder in folders)
