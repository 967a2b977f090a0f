"""The checks as a table: numbered without gaps, documented, and each resting on something."""

import re
from pathlib import Path

import pytest

from first_deploy.check import Check
from first_deploy.checks import ALL
from first_deploy.report import table

DOCUMENTED = pytest.mark.parametrize("check", ALL, ids=lambda check: str(check.number))


def test_numbers_have_no_gaps() -> None:
    assert [check.number for check in ALL] == list(range(1, len(ALL) + 1))


def test_the_page_has_the_table_that_the_code_has(root: Path) -> None:
    page = (root / "docs" / "first-deploy.md").read_text("utf-8")
    assert table(ALL) in page, "print it with: bin/first-deploy --table"


@DOCUMENTED
def test_each_check_rests_on_what_is_there(check: Check, root: Path) -> None:
    assert check.rests_on
    for source in check.rests_on:
        if number := re.fullmatch(r"ADR (\d+)", source):
            assert list((root / "docs" / "adr").glob(f"{int(number[1]):04}-*.md")), source
        elif source.startswith("docs/"):
            name, _, anchor = source.partition("#")
            text = (root / name).read_text("utf-8")
            assert not anchor or anchor in {
                _anchor(t) for t in re.findall(r"^#+ (.*)$", text, re.M)
            }
        else:
            assert source.startswith("https://")


@DOCUMENTED
def test_each_check_says_who_asks(check: Check) -> None:
    is_asked = check.ask is not None or check.number == 30
    assert is_asked != bool(check.by_hand)
    assert not (check.aws_alone and check.here)


def test_checks_need_earlier_ones_alone() -> None:
    assert all(number < check.number for check in ALL for number in check.needs)


def test_a_check_that_a_local_run_leaves_out_is_needed_by_none_that_it_asks() -> None:
    left_out = {check.number for check in ALL if check.aws_alone}
    assert not [c.number for c in ALL if not c.aws_alone and left_out & set(c.needs)]


def _anchor(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
