"""Predictors call a model, original or compiled."""

import contextlib
from typing import Any

from modelmount_compiler.frameworks import sklearn as estimators
from modelmount_compiler.instances import inputs
from modelmount_compiler.program import Program
from modelmount_compiler.signature import Method, Signature
from modelmount_compiler.verify.calls import Predictor, Watch, unwatched
from modelmount_compiler.verify.fitted_data import FittedData, Unclear


def from_estimator(
    estimator: Any,
    signature: Signature,
    watch: Watch = unwatched,
    fitted: FittedData | None = None,
) -> Predictor:
    """Return a predictor that calls the original, each time in a context of `watch`.

    Args:
        fitted: builds what the original is asked about; where that is unclear, or without it, the
            instances are converted as they are for a request.
    """
    prepare = estimators.input_converter(estimator, signature)

    def predict(method: Method, instances: list[Any]) -> Any:
        converted = inputs.for_estimator(instances, signature)
        if fitted is not None:
            with contextlib.suppress(Unclear):
                converted = fitted.batch(instances)
        batch = prepare(converted)
        with watch(len(instances)):
            return getattr(estimator, method)(batch)

    return predict


def from_program(program: Program, signature: Signature) -> Predictor:
    """Return a predictor that runs the compiled program."""

    def predict(method: Method, instances: list[Any]) -> Any:
        return program.run(method, inputs.for_program(instances, signature))

    return predict
