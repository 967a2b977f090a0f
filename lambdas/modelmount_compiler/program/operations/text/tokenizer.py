"""Operations that take texts apart, as scikit-learn's vectorizers do: n texts to n lists of terms.

Each list is made when it is counted: all at once wouldn't fit the caches.
The patterns run in Python's own `re`, and lower case and accents are Python's own too, so non-ASCII
text comes out the same by construction.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Literal

from modelmount_compiler.program.operation import derived, operation

Terms = list[str]
Accents = Literal["ascii", "unicode"] | None
REMEMBERED = 1 << 11  # words whose parts are kept, at most some 10 MB
LONG = 32  # characters of a word whose parts aren't kept
SPACES = re.compile(r"\s\s+")


class Analyzed:
    """Texts, and what takes one apart; gives a list of terms for each, as often as it is asked."""

    __slots__ = ("analyze", "texts")

    def __init__(self, texts: Sequence[str], analyze: Callable[[str], Terms]) -> None:
        self.texts = texts
        self.analyze = analyze

    def __iter__(self) -> Iterator[Terms]:
        return map(self.analyze, map(checked, self.texts))


def checked(text: object) -> str:
    """Return a text; raises `ValueError` where it isn't one."""
    if not isinstance(text, str):
        raise ValueError("a text is missing or isn't a string; send a string")
    return text


@operation
class Normalize:
    """Texts in lower case and without accents.

    Attributes:
        lower: whether upper case is made lower case.
        strip: `unicode` drops combining characters, `ascii` drops all but ASCII, None nothing.
    """

    lower: bool
    strip: Accents

    def __call__(self, texts: Sequence[str]) -> list[str]:  # noqa: D102
        lowered = [checked(text).lower() if self.lower else checked(text) for text in texts]
        return [_strip(text, self.strip) for text in lowered] if self.strip else lowered


def _strip(text: str, accents: Accents) -> str:
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    if accents == "ascii":
        return decomposed.encode("ASCII", "ignore").decode("ASCII")
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@operation
class Words:
    """Words, and sequences of them.

    Attributes:
        pattern: regular expression of a word.
        stop: words that are left out, sequences closing up over them.
        shortest: words in the shortest sequence.
        longest: words in the longest sequence.
    """

    pattern: str
    stop: tuple[str, ...]
    shortest: int
    longest: int
    _find: Callable[[str], Terms] = derived()
    _stop: frozenset[str] = derived()

    def __post_init__(self) -> None:
        """Compile the pattern."""
        object.__setattr__(self, "_find", re.compile(self.pattern).findall)
        object.__setattr__(self, "_stop", frozenset(self.stop))

    def __call__(self, texts: Sequence[str]) -> Analyzed:  # noqa: D102
        plain = self.longest == 1 and not self._stop
        return Analyzed(texts, self._find if plain else self._sequences)

    def _sequences(self, text: str) -> Terms:
        words = [word for word in self._find(text) if word not in self._stop]
        terms = list(words) if self.shortest == 1 else []
        count = len(words)
        for n in range(max(self.shortest, 2), min(self.longest, count) + 1):
            terms += [" ".join(words[i : i + n]) for i in range(count - n + 1)]
        return terms


@operation
class Characters:
    """Sequences of characters.

    Attributes:
        shortest: characters in the shortest sequence.
        longest: characters in the longest sequence.
        within_words: whether they are taken from each word by itself, with a space before and
            after it.
    """

    shortest: int
    longest: int
    within_words: bool
    _remembered: Callable[[str], Terms] = derived()

    def __post_init__(self) -> None:
        """Keep what common words consist of."""
        object.__setattr__(self, "_remembered", lru_cache(REMEMBERED)(self._of_word))

    def __call__(self, texts: Sequence[str]) -> Analyzed:  # noqa: D102
        return Analyzed(texts, self._within_words if self.within_words else self._anywhere)

    def _anywhere(self, text: str) -> Terms:
        text = SPACES.sub(" ", text)
        terms: Terms = []
        count = len(text)
        for n in range(self.shortest, min(self.longest, count) + 1):
            terms += [text[i : i + n] for i in range(count - n + 1)]
        return terms

    def _within_words(self, text: str) -> Terms:
        terms: Terms = []
        for word in text.split():
            terms += self._remembered(word) if len(word) < LONG else self._of_word(word)
        return terms

    def _of_word(self, word: str) -> Terms:
        padded = f" {word} "
        count = len(padded)
        terms: Terms = []
        for n in range(self.shortest, self.longest + 1):
            terms += [padded[i : i + n] for i in range(max(count - n, 0) + 1)]
            if n >= count:  # a short word counts once
                break
        return terms
