"""Many requests in one run of transformers' `generate`, each with its own draws and its own end.

`generate` takes the likeliest token, and calls two objects at every step. `SamplingProcessor`
leaves a request that samples only the token that it drew. `SequenceStopper` ends each sequence.
So every request draws from a generator of its own, as `generate` would with its seed alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import (
    MinPLogitsWarper,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from container.generation.parameters import Parameters

UNFINISHED = "\ufffd"  # the first bytes of a character decode to this


class Sampling:
    """Draws tokens as transformers does: temperature, top-k, top-p and min-p, in this order."""

    def __init__(self, parameters: Parameters, defaults: Any, device: str) -> None:
        temperature = _either(parameters.temperature, defaults.temperature, 1.0)
        top_k = _either(parameters.top_k, defaults.top_k, 50)
        top_p = _either(parameters.top_p, defaults.top_p, 1.0)
        min_p = _either(parameters.min_p, defaults.min_p, 0.0)
        self._warpers = [
            *([TemperatureLogitsWarper(temperature)] if temperature != 1.0 else []),
            *([TopKLogitsWarper(top_k)] if top_k else []),
            *([TopPLogitsWarper(top_p)] if top_p < 1.0 else []),
            *([MinPLogitsWarper(min_p)] if min_p else []),
        ]
        self._generator = torch.Generator(device)
        if parameters.seed is None:
            self._generator.seed()
        else:
            self._generator.manual_seed(parameters.seed)

    def draw(self, tokens: Any, scores: Any) -> Any:
        """Draw a token for each of n rows: from scores of shape (n, vocabulary) to (n, 1)."""
        for warper in self._warpers:
            scores = warper(tokens, scores)
        chances = torch.softmax(scores, dim=-1)
        return torch.multinomial(chances, 1, generator=self._generator)


@dataclass(slots=True, eq=False)
class Job:
    """A request: its prompt, the number of sequences, and where they end.

    Attributes:
        sampling: None where the likeliest tokens are asked for.
        on_text: called with the number of a sequence and more of its text, as it comes.
        is_cancelled: set when nobody reads the answer any longer.
    """

    prompt: list[int]
    count: int
    max_new_tokens: int
    sampling: Sampling | None = None
    stop: tuple[str, ...] = ()
    on_text: Callable[[int, str], None] | None = None
    is_cancelled: bool = False


@dataclass(slots=True)
class GeneratedSequence:
    """One sequence of a job while it grows: its tokens, and its text where there is `on_text`."""

    job: Job
    index: int
    ends: frozenset[int]
    decode: Callable[[list[int]], str]
    tokens: list[int] = field(default_factory=list)
    is_done: bool = False
    _sent: int = 0

    @property
    def text(self) -> str:
        """The generated text, up to the first stop."""
        text = self.decode(self.tokens)
        found = [at for stop in self.job.stop if (at := text.find(stop)) >= 0]
        return text[: min(found)] if found else text

    def take(self, token: int) -> bool:
        """Add a token, unless the sequence is done; return whether it is."""
        if self.is_done:
            return True
        self.tokens.append(token)
        is_long = len(self.tokens) >= self.job.max_new_tokens
        self.is_done = is_long or token in self.ends or self.job.is_cancelled or self._stops()
        if self.job.on_text is not None:
            self._tell(self.job.on_text)
        return self.is_done

    def _stops(self) -> bool:
        if not self.job.stop:
            return False
        text = self.decode(self.tokens)
        return any(stop in text for stop in self.job.stop)

    def _tell(self, on_text: Callable[[int, str], None]) -> None:
        """Pass on the text that can't change any more: whole characters that begin no stop."""
        text = self.text
        if not self.is_done:
            text = text.rstrip(UNFINISHED)
            held = max((len(stop) for stop in self.job.stop), default=1) - 1
            text = text[: len(text) - held]
        if len(text) > self._sent:
            on_text(self.index, text[self._sent :])
            self._sent = len(text)


class SamplingProcessor:
    """A logits processor: rows that sample keep only the token that was drawn."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._rows: list[tuple[slice, Sampling]] = []
        begin = 0
        for job in jobs:
            if job.sampling is not None:
                self._rows.append((slice(begin, begin + job.count), job.sampling))
            begin += job.count

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Return scores of shape (rows, vocabulary)."""
        for rows, sampling in self._rows:
            drawn = sampling.draw(input_ids[rows], scores[rows])
            scores[rows] = torch.full_like(scores[rows], -torch.inf).scatter_(1, drawn, 0.0)
        return scores


class SequenceStopper:
    """A stopping criterion: each sequence ends by itself."""

    def __init__(self, sequences: Sequence[GeneratedSequence]) -> None:
        self._sequences = sequences

    def __call__(self, input_ids: Any, _scores: Any, **_: Any) -> Any:
        """Return for each row whether it is done."""
        last = input_ids[:, -1].tolist()
        done = [each.take(token) for each, token in zip(self._sequences, last, strict=True)]
        return torch.tensor(done, dtype=torch.bool, device=input_ids.device)


def _either(asked: Any, configured: Any, otherwise: Any) -> Any:
    if asked is not None:
        return asked
    return otherwise if configured is None else configured
