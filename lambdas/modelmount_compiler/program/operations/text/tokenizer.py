"""Operations that split texts into terms, as scikit-learn's vectorizers do.

The list of a text's terms is made when it is counted, because all lists would not fit into caches.
Patterns run in Python's `re`. Python also lowers the case and strips accents. So non-ASCII text
gives the same terms by construction.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Literal

from modelmount_compiler.program.operation import derived, operation
from modelmount_compiler.program.operations.text.linear_patterns import is_linear

Terms = list[str]
Accents = Literal["ascii", "unicode"] | None
CACHED_WORDS = 1 << 11  # their n-grams take at most about 10 MB
LONG_WORD = 32  # characters; n-grams of longer words aren't cached
MOST_LONG = 16  # words or characters of an n-gram: a text has as many n-grams for each length
SPACES = re.compile(r"\s\s+")


class TermLists:
    """Iterates over the lists of terms of n texts; each iteration makes the lists anew."""

    __slots__ = ("analyze", "texts")

    def __init__(self, texts: Sequence[str], analyze: Callable[[str], Terms]) -> None:
        self.texts = texts
        self.analyze = analyze

    def __iter__(self) -> Iterator[Terms]:
        return map(self.analyze, map(checked, self.texts))


def checked(text: object) -> str:
    """Return a text; raises `ValueError` if it isn't a string."""
    if not isinstance(text, str):
        raise ValueError("a text is missing or isn't a string; send a string")
    return text


@operation
class Normalize:
    """Lowers the case of texts, and strips accents.

    Attributes:
        lower: whether to lower the case.
        strip: `unicode` drops combining characters, `ascii` drops all but ASCII, None nothing.
    """

    lower: bool
    strip: Accents

    def __call__(self, texts: Sequence[str]) -> list[str]:
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
    """Splits texts into word n-grams.

    Attributes:
        pattern: regular expression of a word.
        stop: stop words, which are removed before n-grams are formed.
        shortest: number of words in the shortest n-gram.
        longest: number of words in the longest n-gram.
    """

    pattern: str
    stop: tuple[str, ...]
    shortest: int
    longest: int
    _find: Callable[[str], Terms] = derived()
    _stop: frozenset[str] = derived()

    def __post_init__(self) -> None:
        """Compile the pattern. Raises ValueError if it may take long, or n-grams much memory."""
        if not is_linear(self.pattern):
            raise ValueError(f"the pattern {self.pattern!r:.200} may take long")
        _check_longest(self.longest)
        object.__setattr__(self, "_find", re.compile(self.pattern).findall)
        object.__setattr__(self, "_stop", frozenset(self.stop))

    def __call__(self, texts: Sequence[str]) -> TermLists:
        plain = self.longest == 1 and not self._stop
        return TermLists(texts, self._find if plain else self._n_grams)

    def _n_grams(self, text: str) -> Terms:
        words = [word for word in self._find(text) if word not in self._stop]
        terms = list(words) if self.shortest == 1 else []
        count = len(words)
        for n in range(max(self.shortest, 2), min(self.longest, count) + 1):
            terms += [" ".join(words[i : i + n]) for i in range(count - n + 1)]
        return terms


def _check_longest(longest: int) -> None:
    if longest > MOST_LONG:
        raise ValueError(f"n-grams of {longest} take too much memory")


@operation
class Characters:
    """Splits texts into character n-grams.

    Attributes:
        shortest: number of characters in the shortest n-gram.
        longest: number of characters in the longest n-gram.
        within_words: whether n-grams stay within words, which get a space at both ends.
    """

    shortest: int
    longest: int
    within_words: bool
    _cached: Callable[[str], Terms] = derived()

    def __post_init__(self) -> None:
        """Make a cache of the n-grams of common words. Raises ValueError as `Words` does."""
        _check_longest(self.longest)
        object.__setattr__(self, "_cached", lru_cache(CACHED_WORDS)(self._of_word))

    def __call__(self, texts: Sequence[str]) -> TermLists:
        return TermLists(texts, self._within_words if self.within_words else self._anywhere)

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
            terms += self._cached(word) if len(word) < LONG_WORD else self._of_word(word)
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
