"""The messages of text generation."""

from typing import Annotated

import msgspec

from serving.api import contract

Count = Annotated[int, msgspec.Meta(ge=1)]
Share = Annotated[float, msgspec.Meta(gt=0, le=1)]
MAX_SEQUENCES = 64


class Parameters(msgspec.Struct, forbid_unknown_fields=True):
    """Parameters of text generation. Defaults are those of the model's `generation_config.json`.

    Attributes:
        max_new_tokens: the most tokens of an answer.
        max_length: the most tokens of the text and an answer; `max_new_tokens` counts before it.
        num_return_sequences: the number of answers to the one text.
        do_sample: draw tokens instead of taking the likeliest.
        temperature, top_k, top_p, min_p: how to draw, as transformers has it.
        seed: the seed of the draws; without it each request draws others.
        stop: texts at which an answer ends, and which it doesn't contain.
        return_full_text: put the text itself before each answer.
        return_tokens: return the tokens of each answer, too.
        stream: send text as it is made, as server-sent events.
    """

    max_new_tokens: Count | None = None
    max_length: Count | None = None
    num_return_sequences: Annotated[int, msgspec.Meta(ge=1, le=MAX_SEQUENCES)] | None = None
    do_sample: bool | None = None
    temperature: Annotated[float, msgspec.Meta(gt=0)] | None = None
    top_k: Annotated[int, msgspec.Meta(ge=0)] | None = None
    top_p: Share | None = None
    min_p: Share | None = None
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] | None = None
    stop: list[Annotated[str, msgspec.Meta(min_length=1)]] = []
    return_full_text: bool = False
    return_tokens: bool = False
    stream: bool = False


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """Body of a request: a text to go on from."""

    text: Annotated[str, msgspec.Meta(min_length=1)]
    parameters: Parameters = msgspec.field(default_factory=Parameters)


class Generated(msgspec.Struct, omit_defaults=True):
    """Body of an answer: `num_return_sequences` texts."""

    predictions: list[str]
    tokens: list[list[int]] | None = None


class Piece(msgspec.Struct):
    """A server-sent event: more of one answer."""

    index: int
    text: str


_decoder = msgspec.json.Decoder(Body)


def decode(body: bytes) -> Body:
    """Read a request; raises `BadRequest` with the JSON path of the faulty value."""
    return contract.decode(_decoder, body, ' Send {"text": "..."}.')
