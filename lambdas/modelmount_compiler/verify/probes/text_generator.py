"""Generates texts from a vocabulary, and texts that tokenizers often get wrong."""

import unicodedata
from collections.abc import Sequence

import numpy as np

# The cases are: letters whose case depends on language or position, or changes the length; letters
# of several code points; scripts without spaces; non-ASCII digits and spaces; empty texts.
UNUSUAL_WORDS = (
    *("İstanbul", "\u0131I", "Straße", "STRASSE ẞ", "ΣΊΣΥΦΟΣ", "ǅ", "ﬁne", "\u017f", "\u212a"),
    *("caf\u00e9", "cafe\u0301", "naïve", "A\u030angström", "日本語の文", "한국어", "हिन्दी"),
    *("עברית", "ไทย", "👩‍👩‍👧‍👦", "🇨🇭 👍🏽", "٣٤", "½ x²", "a_b-c'd", "<b>&amp;</b>", "..."),
    *("", " ", "a\u200db", "a\u00a0b\u2003c", "\ufefftext", "\x00", "a\tb\r\n", "a\u2028b"),
    "x" * 3000,
)
FILLERS = ("the", "not", "quite", "Zürich", "12", "a", "x1", "known")
GAPS = (" ", " ", " ", "  ", ", ", ". ", "-", "\n", "'s ", "\u00a0")


class TextGenerator:
    """Generates texts with the words of a vocabulary, mixed with common other words."""

    def __init__(self, words: Sequence[str], rng: np.random.Generator) -> None:
        self._rng = rng
        count = min(len(words), 4096)
        self._words = [words[i] for i in rng.permutation(len(words))[:count]] + list(FILLERS)

    def text(self) -> str:
        """Return a text of up to 30 words, most of them from the vocabulary."""
        count = int(self._rng.integers(1, 30))
        words = self._rng.integers(0, len(self._words), count)
        gaps = self._rng.integers(0, len(GAPS), count)
        pieces = (self._varied(self._words[w]) + GAPS[g] for w, g in zip(words, gaps, strict=True))
        return "".join(pieces)

    def edge_cases(self) -> list[str]:
        """Return texts that each show one edge case, alone and between known words."""
        first = self._words[0]
        inside = [f"{first} {word} {first}" for word in UNUSUAL_WORDS]
        return [*UNUSUAL_WORDS, *inside, " ".join(self._words[:400]), f"{first} " * 500]

    def _varied(self, word: str) -> str:
        """Change the case, the code points or the ending of one word in five."""
        chance = self._rng.random()
        if chance < 0.8:
            return word
        if chance < 0.9:
            return word.upper() if chance < 0.85 else word.title()
        if chance < 0.95:
            return unicodedata.normalize("NFD" if chance < 0.93 else "NFKC", word)
        return word + UNUSUAL_WORDS[int(self._rng.integers(0, len(UNUSUAL_WORDS) - 1))]
