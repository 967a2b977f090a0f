"""Code blocks of a page of the documentation."""

import re
from pathlib import Path

BLOCK = re.compile(r"^(?:<!-- file: (?P<file>\S+) -->\n)?```python\n(?P<code>.*?)^```", re.M | re.S)


def session(page: Path) -> str:
    """Return the Python blocks that are no file's content, as one program."""
    found = BLOCK.finditer(page.read_text("utf-8"))
    return "\n".join(block["code"] for block in found if not block["file"])


def files(page: Path) -> list[tuple[str, str]]:
    """Return the path and the code of each block that shows a file, or a part of one."""
    found = BLOCK.finditer(page.read_text("utf-8"))
    return [(block["file"], block["code"]) for block in found if block["file"]]
