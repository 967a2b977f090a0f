"""What the documentation points to is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")
TEST = re.compile(r"`(tests/[\w./-]+)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_tests_that_are_named_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    wanted = [page.parent / link for link in LINK.findall(text)]
    wanted += [ROOT / test for test in TEST.findall(text)]
    assert [str(path) for path in wanted if not path.exists()] == []
