"""The benchmark of costs: a call under a processor's share, and the tables of the page."""

from pathlib import Path

import pytest

from benchmarks.cost import __main__ as command
from benchmarks.cost import tables
from benchmarks.cost.processor_share import NoControlGroup, limited
from benchmarks.serving import models
from benchmarks.serving.store import publish


def test_the_page_has_the_tables_of_the_committed_figures(root: Path) -> None:
    page = (root / "docs" / "capacity.md").read_text("utf-8")
    for table in tables.all_tables():
        assert table in page, "print them with: python -m benchmarks.cost.tables"


def test_the_committed_figures_are_of_all_cases() -> None:
    assert list(tables.measured()) == [title for title, *_ in command.CASES]


def test_a_small_share_takes_longer(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{root}:{root / 'lambdas'}")
    try:
        with limited(512):
            pass
    except NoControlGroup as reason:
        pytest.skip(str(reason))
    trained = models.pipeline()
    publish(trained, tmp_path, compile_seconds=0)
    body = models.body(trained.name, trained.rows[:1], "predict")
    small, whole = (command.run("warm", mb, tmp_path, trained.name, body) for mb in (128, 1769))
    assert small > 2 * whole  # a fourteenth of a processor


def test_the_decision_names_the_figures(root: Path) -> None:
    (page,) = (root / "docs" / "adr").glob("0034-*.md")
    text = page.read_text("utf-8")
    base = sum(float(row.split("|")[2]) for row in tables.others().splitlines()[2:-1])
    rows = {
        row.split("|")[1].strip(): row for row in tables.durations(tables.measured()).split("\n")
    }
    for title in ("forest, compiled, 1 row", "forest, as uploaded, 1 row"):
        cells = rows[title].split("|")
        for cell in (cells[5], cells[7]):
            assert f"${base + float(cell):.2f}" in text
