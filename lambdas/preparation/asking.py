"""Asks a model as callers would, row by row, so that what kills or hangs it ends here."""

import dataclasses
import time
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.instances import outputs, probes, tensor_samples
from modelmount_compiler.signature import Method, Signature
from preparation.stages import Progress
from serving.errors import UploadRejected
from workers import answers

# Each fills a row; the rest of the rows are drawn.
FILLS = (0.0, 1.0, -1.0, 9.0, -9.0, 1e6, -1e6, 1e300, -1e300, float("nan"))
DRAWN, SCALES = 6, (1.0, 1e3, 1e6)
TEXTS = ("", "a", "the quick brown fox", "\x00", "é\U0001f600", "x" * 2000)
TOGETHER = (2, 3, 16)
WIDEST = 100_000  # rows of more columns take too long to draw here
SEED = 20
LEARNED = 16
MOST_VALUES = 25 * 1024 * 1024
MOST_SECONDS = 10.0  # after which no other row is asked about


def ask(
    loaded: object,
    model: Model,
    signature: Signature,
    progress: Progress,
    answered: Iterable[Method] = (),
) -> Signature:
    """Ask a model about rows alone and in company; a refusal of a row is an answer, too.

    Args:
        answered: methods that examples of the uploader have shown to answer.

    Returns:
        the signature with the methods that answered a row.

    Raises:
        UploadRejected: no method answered any row.
        MemoryError: likewise, for want of memory.
    """
    asked = _Asked(model, signature, progress, set(answered))
    asked.about(instances(signature))
    if asked.unanswered:
        asked.about(_learned(loaded, asked))
    if asked.is_hopeless:
        raise asked.refusal()
    methods = tuple(m for m in signature.methods if m not in asked.unanswered or asked.is_late)
    return dataclasses.replace(signature, methods=methods)


class _Asked:
    """What a model has answered, by method."""

    def __init__(
        self, model: Model, signature: Signature, progress: Progress, answered: set[Method]
    ) -> None:
        self.signature = signature
        self.unanswered = [method for method in signature.methods if method not in answered]
        self._model = model
        self._progress = progress
        self._ends = time.monotonic() + MOST_SECONDS
        self._rows = 0
        self._error: Exception | None = None

    @property
    def is_late(self) -> bool:
        """Whether the time is up: what wasn't answered until then may be slow."""
        return time.monotonic() > self._ends

    @property
    def is_hopeless(self) -> bool:
        """Whether nothing was answered, though there was time to ask."""
        return set(self.unanswered) == set(self.signature.methods) and not self.is_late

    def about(self, instances: list[Any]) -> None:
        """Ask every method about these instances."""
        for method in self.signature.methods:
            for batch in _batches(instances):
                if self.is_late:
                    return
                if self.answers(batch, method) and method in self.unanswered:
                    self.unanswered.remove(method)

    def answers(self, batch: list[Any], method: Method) -> bool:
        """Whether a batch has an answer that can be told, row by row."""
        self._rows += len(batch)
        # The parent sees how a process ends; here every error that Python catches is no end.
        try:
            with self._progress.asking(len(batch)):
                result = self._model.attempt(batch, method)
                answers.encode(result, MOST_VALUES)
            return bool(outputs.count(result) == len(batch))
        except Exception as error:
            self._error = self._error or error
            return False

    def refusal(self) -> Exception:
        """Return the refusal of a model that answered nothing."""
        error = self._error
        if isinstance(error, MemoryError):
            return error
        first = "" if error is None else f" The first error was {type(error).__name__}: {error}"
        return UploadRejected(
            "CANNOT_BE_ASKED",
            f"The model answered none of the {self._rows} rows that it was asked about, in the "
            f"form {self.signature.input!r} that it was fitted with. If there are rows that it "
            f"answers, upload it with an example of one (model.json).{first}",
        )


def _learned(loaded: object, asked: _Asked) -> list[Any]:
    """Return rows of values that the model has learned, such as its categories."""
    # What compiles imports much of scikit-learn, which most models do without here.
    from modelmount_compiler.convert.graph import NotCompilable  # noqa: PLC0415
    from modelmount_compiler.verify.probes.row_sampler import RowSampler  # noqa: PLC0415

    def accepts(rows: list[Any]) -> bool:
        return any(asked.answers([row], asked.unanswered[0]) for row in rows)

    has_rows = asked.signature.input in ("matrix", "frame") and hasattr(loaded, "get_params")
    if not has_rows or not asked.signature.n_features or asked.signature.n_features > WIDEST:
        return []
    try:
        sampler = RowSampler(loaded, asked.signature, accepts, np.random.default_rng(SEED))
        return [*sampler.typical(LEARNED), *sampler.near_stored_rows(LEARNED)]
    except NotCompilable:
        return []


def _batches(instances: list[Any]) -> Iterator[list[Any]]:
    yield from ([instance] for instance in instances)
    yield from (instances[:rows] for rows in TOGETHER if rows <= len(instances))


def instances(signature: Signature) -> list[Any]:
    """Return rows of plain, odd and drawn values, in the form that a model takes."""
    if signature.input == "tensors" and signature.tensors is not None:
        return tensor_samples.instances(signature.tensors)
    plain = probes.probes(signature)
    if signature.input == "text":
        return list(TEXTS)
    if signature.input not in ("matrix", "frame"):
        return plain
    width = len(signature.columns) if signature.columns else signature.n_features or 1
    if width > WIDEST:
        return [[0.0] * width]
    rng = np.random.default_rng(SEED)
    rows: list[list[Any]] = plain + [[fill] * width for fill in FILLS]
    rows += [(rng.normal(size=width) * scale).tolist() for scale in SCALES for _ in range(DRAWN)]
    if signature.dtype == "any":
        rows += [[None] * width, ["x"] * width]
    if signature.columns:
        return [dict(zip(signature.columns, row, strict=True)) for row in rows]
    return rows
