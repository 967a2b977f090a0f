"""Blocks are found as they stand, and an answer that differs is told."""

from pathlib import Path

import pytest

from tests.e2e.docs import answers, blocks
from tests.e2e.docs.blocks import Chunk

PAGE = """
1. A list:

   ```sh
   echo one
   ```
   ```json title="kept.json"
   {}
   ```

<!-- file: some/file.py -->
```
no language
```

    indented
"""


def test_all_kinds_of_blocks_are_found(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(PAGE)
    found = blocks.read(tmp_path / "page.md")
    assert [block.language for block in found] == ["sh", "json", "", ""]
    assert [block.line for block in found] == [4, 7, 12, 16]
    assert [block.follows for block in found] == [False, True, False, True]
    assert (found[0].text, found[1].title) == ("echo one\n", "kept.json")
    assert [block.shows for block in found] == ["", "", "some/file.py", ""]


def test_code_is_split_after_what_it_is_said_to_print() -> None:
    code = "a=1\necho $a  # → 1\necho 2\n# → 2\n# → 3\necho 4 # a comment\n"
    assert blocks.chunks(code) == [
        Chunk("a=1\necho $a  ", "1"),
        Chunk("echo 2", "2\n3"),
        Chunk("echo 4 # a comment", None),
    ]


@pytest.mark.parametrize(
    ("shown", "answer"),
    [
        ('{"a": [1, 0.33], "version": "3"}', '{"a": [1, 0.3333], "version": "2026"}'),
        ('{"a": 1, "…": "…"}', '{"a": 1, "b": 2}'),
        ('[1, "…"]', "[1, 2, 3]"),
        ('"3f…"', '"3f0a"'),
    ],
)
def test_answers_that_agree(shown: str, answer: str) -> None:
    answers.compare_json(shown, answer)


@pytest.mark.parametrize(
    ("shown", "answer"),
    [
        ('{"a": 0.33}', '{"a": 0.34}'),
        ('{"a": 1}', '{"a": 1, "b": 2}'),
        ('{"a": 1, "b": 2}', '{"a": 1}'),
        ('{"version": "3"}', '{"version": 3}'),
        ("[1]", "[1, 2]"),
        ("1", "true"),
        ("1", "not JSON"),
    ],
)
def test_answers_that_differ(shown: str, answer: str) -> None:
    with pytest.raises(answers.Differs):
        answers.compare_json(shown, answer)


def test_texts_agree_but_for_what_is_left_out() -> None:
    answers.compare_text("one …\ntwo", "one 1 \ntwo\n")
    with pytest.raises(answers.Differs):
        answers.compare_text("one", "one\ntwo")
