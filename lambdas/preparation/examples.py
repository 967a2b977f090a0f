"""Checks the uploader's examples: the model must answer them as expected, or it is refused."""

import math
from typing import Any

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.signature import Signature
from serving.errors import UploadRejected
from serving.formats.model_json import Example, ModelJson


def check(record: ModelJson, model: Model, signature: Signature) -> None:
    """Check the model's answer to each example of its `model.json`.

    Raises:
        UploadRejected: an answer isn't the expected one.
    """
    for index, example in enumerate(record.examples):
        _check_one(f"examples[{index}]", example, model, signature)


def _check_one(where: str, example: Example, model: Model, signature: Signature) -> None:
    try:
        answers = model.infer(list(example.instances), example.method)
    except InputMismatch as error:
        raise _mismatch(f"{where}: {error}") from error
    if len(answers) != len(example.predictions):
        raise _mismatch(
            f"{where} has {len(example.predictions)} predictions, the model gives {len(answers)}."
        )
    is_label = example.method == "predict" and signature.classes is not None
    tolerance = 0.0 if is_label else example.tolerance
    for index, (expected, got) in enumerate(zip(example.predictions, answers, strict=True)):
        if not matches(expected, got, tolerance):
            raise _mismatch(
                f"{where}.predictions[{index}]: expected {expected!r:.200}, the model gives "
                f"{got!r:.200} (tolerance {tolerance:g})."
            )


def matches(expected: Any, got: Any, tolerance: float) -> bool:
    """Whether an answer is the expected one, number by number.

    A number may be off by `tolerance` times the larger of it and 1. As in answers on the wire,
    null stands for NaN and the infinities. Everything else has to be equal.
    """
    if isinstance(expected, list | tuple) and isinstance(got, list | tuple):
        return len(expected) == len(got) and all(
            matches(one, other, tolerance) for one, other in zip(expected, got, strict=True)
        )
    if expected is None:
        return got is None or (isinstance(got, float) and not math.isfinite(got))
    if _is_number(expected) and _is_number(got):
        return bool(abs(expected - got) <= tolerance * max(1.0, abs(expected)))
    return type(expected) is type(got) and bool(expected == got)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _mismatch(text: str) -> UploadRejected:
    return UploadRejected(
        "EXAMPLE_MISMATCH", f"{text} Correct the examples in model.json, or upload the right model."
    )
