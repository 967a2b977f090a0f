"""Sends bad values to one model, and counts what it answers."""

import pickle
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.errors import InputMismatch, ModelRejected
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.frameworks.program_model import ProgramModel
from modelmount_compiler.instances import outputs, probes
from modelmount_compiler.signature import Method, Signature
from preparation import asking
from preparation.stages import Progress
from serving.api import contract
from serving.errors import UploadRejected
from workers import answers

MOST_BYTES = 25 * 1024 * 1024
BAD: tuple[Any, ...] = (
    *(None, "x", "", "12", "nan", "inf", "\x00", "é\U0001f600", "x" * 5000, True, 1.5, -1),
    *(2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**30, 10**400, -(10**400), 1e308, -1e308, 1e-320),
    *([1], [], {}, {"a": 1}, [["a", 1]], ["a", None], [{"a": 1}], {"a": {"b": []}}),
)


@dataclass
class Tally:
    """What was answered: by outcome, and each fault in words."""

    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, name: str, model: Model, batch: Any, method: Method) -> None:
        """Send a batch; an error that isn't a refusal with a place is a fault."""
        try:
            result = model.answer(batch, method)
            header, body = answers.encode(result, MOST_BYTES)
            read = answers.decode(header, memoryview(b"".join(body)), MOST_BYTES)
            contract.encode(outputs.rows(read))
            self.outcomes["answered"] += 1
        except InputMismatch as refusal:
            self.outcomes["refused"] += 1
            if isinstance(batch, list) and (refusal.field or "$.instances") == "$.instances":
                self.outcomes["refused without a place"] += 1
        except Exception as error:
            self.outcomes["failed"] += 1
            text = f"{name}.{method}({batch!r:.80}): {type(error).__name__}: {error}"
            self.faults.append(text)


def try_model(name: str, estimator: Any, tally: Tally, values: tuple[Any, ...] = BAD) -> None:
    """Send every bad value to a model as it was uploaded, and to its compiled form."""
    estimator = pickle.loads(pickle.dumps(estimator))
    try:
        signature = runtime.describe(estimator)
        model: Model = runtime.Model(estimator, signature)
        signature = asking.ask(estimator, model, signature, Progress(lambda _: None))
    except (ModelRejected, UploadRejected):
        tally.outcomes["models refused"] += 1
        return
    tally.outcomes["models"] += 1
    forms = [model]
    try:
        forms.append(ProgramModel(compile_model(estimator, signature), signature))
        tally.outcomes["models compiled"] += 1
    except Exception:  # whatever a converter says
        tally.outcomes["models not compiled"] += 1
    sound = next(iter(_sound(model, signature)), None)
    for form in forms:
        for batch in _batches(signature, sound, values):
            _send(name, form, batch, signature, tally)


def _send(name: str, form: Model, batch: Any, signature: Signature, tally: Tally) -> None:
    for method in signature.methods:
        if not isinstance(form, ProgramModel) or method in form._program.outputs:
            tally.add(name, form, batch, method)


def _sound(model: Model, signature: Signature) -> Iterator[Any]:
    for probe in probes.probes(signature):
        try:
            model.attempt([probe], signature.methods[0])
        except Exception:
            continue
        yield probe


def _batches(signature: Signature, sound: Any, values: tuple[Any, ...]) -> Iterator[Any]:
    good = probes.probes(signature)[0] if sound is None else sound
    for value in values:
        yield from ([value], [good, value])
        if isinstance(good, dict):
            yield from ([{"a": value}], [good, {"s": value, "a": 2}])
        if not isinstance(good, list):
            continue
        for place in {0, max(len(good) - 1, 0)}:
            row = [*good[:place], value, *good[place + 1 :]]
            yield from ([row], [good, row, good])
        if signature.columns:
            yield [good, dict(zip(signature.columns, [*good[:-1], value], strict=True))]
    if isinstance(good, list):
        yield from ([[*good, 1]], [good[:-1]], [[]], [good, []])
    if signature.input == "matrix":
        yield from _arrays(signature.n_features or 2)


def _arrays(width: int) -> Iterator[Any]:
    shape = (1, width)
    yield from (np.full(shape, fill) for fill in (np.nan, np.inf, "x", True, 1j, 2**63, None))
    yield from (np.zeros((1, width + 1)), np.zeros(width), np.zeros((1, width, 1)))
    yield from (np.zeros(shape, dtype) for dtype in ("f2", "M8[s]", "S3", "u1"))
