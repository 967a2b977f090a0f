"""A causal language model and its tokenizer, asked by many threads at once."""

import copy
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from container.generation.decoding import (
    GeneratedSequence,
    Job,
    Sampling,
    SamplingProcessor,
    SequenceStopper,
)
from container.generation.parameters import Body, Parameters
from container.micro_batcher import MicroBatcher
from serving.errors import BadRequest, SignatureMismatch

DEFAULT_NEW_TOKENS = 64
# Names of classes; a few entries are lists of them.
CAUSAL = frozenset(
    name
    for names in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.values()
    for name in ((names,) if isinstance(names, str) else names)
)


class Generator:
    """Generates text; requests that come at once run together.

    A request gets the tokens that it would get alone, except where rounding decides: a batch adds
    numbers in another order.
    """

    def __init__(
        self, folder: Path, device: str, dtype: torch.dtype, *, most: int, delay_seconds: float
    ) -> None:
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        _check_architecture(config)
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model, loaded = AutoModelForCausalLM.from_pretrained(
            folder, dtype=dtype, local_files_only=True, output_loading_info=True
        )
        _check_weights(loaded)
        self._model = model.to(device).eval()
        self._device = device
        self._defaults = model.generation_config
        self._longest = getattr(config, "max_position_embeddings", None)
        ends = self._defaults.eos_token_id
        self._ends = frozenset(ends if isinstance(ends, list) else [ends])
        most = most if _is_batchable(self._defaults) else 1
        self._batcher: MicroBatcher[Job, list[GeneratedSequence]] = MicroBatcher(
            self._run, most=most, delay_seconds=delay_seconds
        )

    def job(self, asked: Body) -> Job:
        """Read a request; raises `SignatureMismatch` where it is longer than the model can take."""
        prompt = self._tokenizer(asked.text)["input_ids"]
        parameters, longest = asked.parameters, self._longest
        room = None if longest is None else longest - len(prompt)
        if not prompt or (room is not None and room < (parameters.max_new_tokens or 1)):
            raise SignatureMismatch(
                f"The text has {len(prompt)} tokens, and with the new ones there can be {longest}; "
                "at least one is needed.",
                field="$.text",
            )
        wanted = self._wanted(parameters, len(prompt))
        does_sample = parameters.do_sample
        if does_sample is None:
            does_sample = bool(self._defaults.do_sample)
        return Job(
            prompt,
            parameters.num_return_sequences or self._defaults.num_return_sequences or 1,
            wanted if room is None else min(wanted, room),
            Sampling(parameters, self._defaults, self._device) if does_sample else None,
            tuple(parameters.stop),
        )

    def _wanted(self, asked: Parameters, prompt: int) -> int:
        """Return how many tokens are wanted; as transformers does, by the new ones if both are."""
        for told, field in ((asked, "$.parameters.max_length"), (self._defaults, "$.text")):
            if told.max_new_tokens:
                return int(told.max_new_tokens)
            if told.max_length:
                if told.max_length <= prompt:
                    raise SignatureMismatch(
                        f"The text has {prompt} tokens, and max_length, which counts them, is "
                        f"{told.max_length}; send a larger one, or max_new_tokens.",
                        field=field,
                    )
                return int(told.max_length) - prompt
        return DEFAULT_NEW_TOKENS

    def run(self, job: Job) -> list[GeneratedSequence]:
        """Generate the sequences of a job, together with other jobs that wait."""
        return self._batcher.ask(job)

    def _run(self, jobs: list[Job]) -> list[list[GeneratedSequence]]:
        grown = [
            [GeneratedSequence(job, index, self._ends, self._text) for index in range(job.count)]
            for job in jobs
        ]
        with torch.inference_mode():
            self._model.generate(
                **self._padded(jobs),
                generation_config=self._greedy(max(job.max_new_tokens for job in jobs)),
                logits_processor=[SamplingProcessor(jobs)],
                stopping_criteria=[SequenceStopper([one for group in grown for one in group])],
            )
        return grown

    def _padded(self, jobs: list[Job]) -> dict[str, Any]:
        """Return token ids and mask, shape (sequences, longest prompt), padded on the left."""
        width = max(len(job.prompt) for job in jobs)
        ids, mask = [], []
        for job in jobs:
            missing = width - len(job.prompt)
            ids += [[self._pad] * missing + job.prompt] * job.count
            mask += [[0] * missing + [1] * len(job.prompt)] * job.count
        return {
            "input_ids": torch.tensor(ids, device=self._device),
            "attention_mask": torch.tensor(mask, device=self._device),
        }

    def _greedy(self, max_new_tokens: int) -> Any:  # a GenerationConfig
        """Return the model's configuration without sampling and lengths: see `decoding`."""
        config = copy.deepcopy(self._defaults)
        config.do_sample = False
        config.temperature = config.top_k = config.top_p = config.min_p = None
        config.max_length, config.max_new_tokens = None, max_new_tokens
        config.num_return_sequences = 1
        config.pad_token_id = self._pad
        return config

    @property
    def _pad(self) -> int:
        pad = self._tokenizer.pad_token_id
        return min(self._ends - {None}, default=0) if pad is None else pad

    def _text(self, tokens: list[int]) -> str:
        text: str = self._tokenizer.decode(tokens, skip_special_tokens=True)
        return text


def _check_architecture(config: Any) -> None:  # a PretrainedConfig
    """Refuse what the checkpoint itself says is no causal language model, whatever loads of it."""
    stated = config.architectures or ()
    if config.is_encoder_decoder or (stated and CAUSAL.isdisjoint(stated)):
        named = ", ".join(stated) or config.model_type
        raise BadRequest(
            f"The folder holds {named}, which generates no text. Save a causal language model, as "
            "AutoModelForCausalLM does."
        )


def _check_weights(loaded: dict[str, Any]) -> None:
    """Refuse a checkpoint without all weights: transformers would draw the rest at random."""
    missing = sorted({*loaded["missing_keys"], *(key for key, *_ in loaded["mismatched_keys"])})
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise BadRequest(
            f"The folder lacks weights that generating text needs: {', '.join(missing[:3])}{more}. "
            "Save the whole model there with save_pretrained."
        )


def _is_batchable(defaults: Any) -> bool:  # a GenerationConfig
    """Whether the model's configuration has no rule that would look at the padding."""
    penalty = getattr(defaults, "repetition_penalty", None)
    return penalty in (None, 1.0) and not getattr(defaults, "no_repeat_ngram_size", None)
