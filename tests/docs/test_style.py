"""Pages keep to lines and sentences of a length that reads well, and name each block's language."""

import itertools
import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.e2e.docs import blocks

ROOT = Path(__file__).parents[2]
# The one is generated. The other has a line for each change, so that branches merge well.
LEFT_OUT = {ROOT / "docs" / "compiled-models.md", ROOT / "CHANGELOG.md"}
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")} - LEFT_OUT)
COLUMNS = 100
WORDS = 30
CODE = re.compile(r"`[^`]*`")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
TARGET = re.compile(r"\]\([^)]*\)")
END = re.compile(r"(?<=[.!?:;])[*_)]*\s+")


def parametrized(pages: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("page", pages, ids=lambda page: str(page.relative_to(ROOT)))


@parametrized(PAGES)
def test_each_block_has_a_language_that_is_known(page: Path) -> None:
    wrong = [b.line for b in blocks.read(page) if b.language not in blocks.LANGUAGES]
    assert wrong == [], f"blocks in these lines are none of {blocks.LANGUAGES}"


@parametrized(PAGES)
def test_no_line_is_longer_than_a_screen(page: Path) -> None:
    code = {
        number
        for block in blocks.read(page)
        for number in range(block.line, block.line + block.text.count("\n") + 2)
    }
    long = [
        number
        for number, line in enumerate(page.read_text("utf-8").splitlines(), 1)
        if len(TARGET.sub("]", line)) > COLUMNS
        and number not in code
        and not line.lstrip().startswith("|")
        and " " in line.strip()
    ]
    assert long == [], f"these lines have more than {COLUMNS} columns"


@parametrized(PAGES)
def test_sentences_are_short(page: Path) -> None:
    long = [
        sentence
        for text in paragraphs(page)
        for sentence in END.split(text)
        if len(sentence.split()) > WORDS
    ]
    assert long == [], f"these sentences have more than {WORDS} words"


def paragraphs(page: Path) -> list[str]:
    """Return the text outside of tables, with a word in place of each piece of code."""
    tokens = MarkdownIt().enable("table").parse(page.read_text("utf-8"))
    found = [
        token.content
        for before, token in itertools.pairwise(tokens)
        if token.type == "inline" and before.type == "paragraph_open"
    ]
    return [LINK.sub(r"\1", CODE.sub("code", text)).replace("\n", " ") for text in found]
