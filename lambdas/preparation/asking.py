"""Asks a model as callers would, row by row, so that what kills or hangs it ends here."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.instances import tensor_samples
from modelmount_compiler.signature import Signature
from preparation.stages import Progress

# Each fills a row; the rest of the rows are drawn.
FILLS = (0.0, 1.0, -1.0, 9.0, -9.0, 1e6, -1e6, 1e300, -1e300, float("nan"))
DRAWN, SCALES = 6, (1.0, 1e3, 1e6)
TEXTS = ("", "a", "the quick brown fox", "\x00", "é\U0001f600", "x" * 2000)
TOGETHER = (2, 3, 16)
WIDEST = 100_000  # rows of more columns take too long to draw here
SEED = 20
MOST_SECONDS = 10.0  # after which no other row is asked about


def ask(model: Model, signature: Signature, progress: Progress) -> None:
    """Ask a model about rows alone and in company; a refusal of a row is an answer, too."""
    instances = _instances(signature)
    ends = time.monotonic() + MOST_SECONDS
    for method in signature.methods:
        for batch in _batches(instances):
            if time.monotonic() > ends:
                return
            # The parent sees how a process ends; here every error that Python catches is no end.
            with contextlib.suppress(Exception), progress.asking(len(batch)):
                model.infer(batch, method)


def _batches(instances: list[Any]) -> Iterator[list[Any]]:
    yield from ([instance] for instance in instances)
    for rows in TOGETHER:
        yield instances[:rows]


def _instances(signature: Signature) -> list[Any]:
    if signature.input == "text":
        return list(TEXTS)
    if signature.input == "tensors" and signature.tensors is not None:
        return tensor_samples.instances(signature.tensors)
    width = len(signature.columns) if signature.columns else signature.n_features or 1
    if width > WIDEST:
        return [[0.0] * width]
    rng = np.random.default_rng(SEED)
    rows: list[list[Any]] = [[fill] * width for fill in FILLS]
    rows += [(rng.normal(size=width) * scale).tolist() for scale in SCALES for _ in range(DRAWN)]
    if signature.dtype == "any":
        rows += [[None] * width, ["x"] * width]
    if signature.columns:
        return [dict(zip(signature.columns, row, strict=True)) for row in rows]
    return rows
