"""The code blocks of a page of Markdown."""

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

RUN = ("sh", "python")
LANGUAGES = (*RUN, "json", "text", "mermaid")
MARK = re.compile(r"^(?P<code>.*?)#\s*→\s?(?P<said>.*)$")
FILE = re.compile(r"<!-- file: (\S+) -->\s*")
TITLE = re.compile(r'\btitle="([^"]+)"')


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        line: the line of its fence, from 1.
        language: the first word after the fence.
        title: the file that the block is to be kept in, or "".
        shows: the file of the repository that the block is, or is a part of, or "".
        follows: whether nothing but blank lines stands between it and the block before.
    """

    line: int
    language: str
    title: str
    shows: str
    text: str
    follows: bool


@dataclass(frozen=True)
class Chunk:
    """Lines that run together, and what they print where the page says so.

    Attributes:
        said: the text of the comments `# → text`; None where there are none.
    """

    code: str
    said: str | None


def read(page: Path) -> list[Block]:
    """Return a page's blocks in order; an indented one has no language."""
    tokens = MarkdownIt().parse(page.read_text("utf-8"))
    blocks: list[Block] = []
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type not in ("fence", "code_block") or token.map is None:
            continue
        language, _, rest = token.info.strip().partition(" ")
        title = TITLE.search(rest)
        file = FILE.fullmatch(before.content) if before and before.type == "html_block" else None
        blocks.append(
            Block(
                line=token.map[0] + 1,
                language=language,
                title=title[1] if title else "",
                shows=file[1] if file else "",
                text=token.content,
                follows=before is not None and before.type == "fence",
            )
        )
    return blocks


def chunks(code: str) -> list[Chunk]:
    """Split code after each line that ends with `# → text`, or that such lines follow."""
    found: list[Chunk] = []
    lines: list[str] = []
    for line in code.splitlines():
        mark = MARK.match(line)
        if mark is None:
            lines.append(line)
            continue
        if mark["code"].strip():
            lines.append(mark["code"])
        if lines:
            found.append(Chunk("\n".join(lines), mark["said"]))
            lines = []
        else:
            found[-1] = Chunk(found[-1].code, f"{found[-1].said}\n{mark['said']}")
    return [*found, Chunk("\n".join(lines), None)] if any(map(str.strip, lines)) else found
