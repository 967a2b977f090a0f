"""Patterns of words that a compiled program takes, and those that could stop a process."""

import random
import re
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

from modelmount_compiler.program.operations.neighbors.clustering import Bisection
from modelmount_compiler.program.operations.text import tokenizer
from modelmount_compiler.program.operations.text.linear_patterns import is_linear

# Of scikit-learn's own examples and of public notebooks.
TAKEN = (
    r"(?u)\b\w\w+\b",
    r"(?u)\b\w+\b",
    r"\w+",
    r"\w{1,}",
    r"[a-zA-Z]+",
    r"\S+",
    r"[^\s]+",
    r"(?u)\b[a-zA-Z]{2,}\b",
    r"\b[a-zA-Z][a-zA-Z]+\b",
    r"(?u)\b\w+\b|[^\w\s]",
    r"\w+|[^\w\s]+",
    r"[\w']+",
    r"#\w+",
    r"\b\d{4}\b",
    r"\b[^\d\W]+\b",
    r".",
    r"[^|]+",
    r"\|+|\w",
    r"(\w)\w+",
    r"(?u)\b(\w\w+)\b",
    r"(?:\d+)|([a-z]+)",
    r"\(+",
)
LEFT = (
    r"(a+)+$",
    r"[A-Za-z0-9]+(?=\s+)",
    r"\w+@\w+",
    r"[a-z]+x",
    r"(\w+)*",
    r"[a-z]+\b",
    r"\w*\w*x",
    r"\w{1,50}\w{1,50}\w{1,50}x",
    r"(?:\w+\s?)+",
    r"\d+\.?\d*",
    r"\w+$",
    r"\w{99}" * 5,
    r"\w{9}" * 20 + r"\b",
    r"\w+?x",
    r"\w+\B",
    "a" * 101,
    r"(a|b)+",
    r"(\w+){2}",
    r"(\w+)(\w+)x",
    r"((a+)+)",
    r"(\w+",
)
CHARACTERS = (r"\w", r"\d", "a", "[ab]", r"[^a]", r"\S", ".", "_")
UNITS = ("a", "a_", "ab1", "é", "_1a")
SECONDS = (
    120  # within which all is searched, on any machine; a pattern that isn't linear takes days
)


@pytest.mark.parametrize("pattern", TAKEN)
def test_patterns_of_people_are_taken(pattern: str) -> None:
    assert is_linear(pattern)


@pytest.mark.parametrize("pattern", LEFT)
def test_what_may_take_long_is_left_to_the_original(pattern: str) -> None:
    assert not is_linear(pattern)
    with pytest.raises(ValueError, match="may take long"):
        tokenizer.Words(pattern, (), 1, 1)


@pytest.mark.slow
def test_what_is_taken_ends() -> None:
    """Patterns made at random: each that is taken goes through long texts in a moment."""
    rng = random.Random(7)
    taken = [pattern for pattern in (_pattern(rng) for _ in range(400)) if is_linear(pattern)]
    assert len(taken) > 40
    texts = f"[(unit * 200_000)[:200_000] + '_' for unit in {UNITS!r}]"
    code = f"import re\nfor p in {taken!r}:\n for t in {texts}:\n  re.findall(p, t)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=SECONDS)


def _pattern(rng: random.Random) -> str:
    parts = [rng.choice(CHARACTERS) + rng.choice(["", "", "{2}", "+", "*", "{2,}"]) for _ in "123"]
    text = "".join(parts[: rng.randint(1, 3)])
    text = rng.choice(["", r"\b"]) + text + rng.choice(["", r"\b", "$"])
    return text if rng.random() < 0.7 else f"{text}|{rng.choice(parts)}"


def test_the_check_agrees_with_what_re_takes() -> None:
    for pattern in TAKEN:
        re.compile(pattern)


@pytest.mark.parametrize(
    "make",
    [
        lambda longest: tokenizer.Characters(1, longest, False),
        lambda longest: tokenizer.Words(r"\w+", (), 1, longest),
    ],
    ids=["characters", "words"],
)
def test_long_n_grams_are_left_to_the_original(make: Callable[[int], object]) -> None:
    make(16)
    with pytest.raises(ValueError, match="too much memory"):
        make(17)


def test_a_tree_that_leads_back_is_refused() -> None:
    centers = np.zeros((2, 2, 1))
    with pytest.raises(ValueError, match="leads back"):
        Bisection(centers, np.array([[1, -1], [0, -2]]))
