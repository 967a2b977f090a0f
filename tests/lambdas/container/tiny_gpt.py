"""A GPT-2 of random weights with a tokenizer of bytes, saved as transformers saves models."""

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedTokenizerFast,
)

END = "<|endoftext|>"
POSITIONS = 128


def save(folder: Path, *, as_bin: bool = False, layers: int = 2, width: int = 32) -> Path:
    """Save model and tokenizer; `as_bin` as older versions of transformers did."""
    torch.manual_seed(0)
    config = GPT2Config(
        vocab_size=257,
        n_positions=POSITIONS,
        n_embd=width,
        n_layer=layers,
        n_head=2,
        bos_token_id=256,
        eos_token_id=256,
        initializer_range=0.3,
    )
    model = GPT2LMHeadModel(config)
    model.save_pretrained(folder)
    if as_bin:
        torch.save(model.state_dict(), folder / "pytorch_model.bin")
        (folder / "model.safetensors").unlink()
    tokenizer().save_pretrained(folder)
    return folder


def tokenizer() -> PreTrainedTokenizerFast:
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: index for index, letter in enumerate(letters)}
    bytewise = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    bytewise.add_special_tokens([END])
    return PreTrainedTokenizerFast(tokenizer_object=bytewise, bos_token=END, eos_token=END)


def by_transformers(folder: Path, text: str, **parameters: Any) -> list[list[int]]:
    """Return the new tokens that transformers itself generates, without padding."""
    model = AutoModelForCausalLM.from_pretrained(folder)
    prompt = AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")
    seed = parameters.pop("seed", 0)
    torch.manual_seed(seed)
    parameters = {"do_sample": False, **parameters}
    rows = model.generate(**prompt, pad_token_id=256, **parameters).tolist()
    new = [row[prompt["input_ids"].shape[1] :] for row in rows]
    return [row[: row.index(256) + 1] if 256 in row else row for row in new]
