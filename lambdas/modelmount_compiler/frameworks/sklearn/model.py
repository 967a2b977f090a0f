"""Calls an estimator's own methods on batches of instances."""

import contextlib
import functools
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.base import BaseEstimator

from modelmount_compiler.frameworks import boosting, refusals
from modelmount_compiler.frameworks.model import Model as BaseModel
from modelmount_compiler.frameworks.sklearn.input_types import input_converter
from modelmount_compiler.frameworks.sklearn.introspection import nested_estimators
from modelmount_compiler.instances import inputs
from modelmount_compiler.instances.batches import Batch
from modelmount_compiler.signature import Method, Signature

FLOAT32_MAX = float(np.finfo(np.float32).max)


class Model(BaseModel):
    """An estimator that answers batches of instances."""

    def __init__(self, loaded: BaseEstimator, signature: Signature) -> None:
        self._estimator = loaded
        self._signature = signature
        # A step can turn finite numbers into others, which a later step has to check.
        nested = [*nested_estimators(loaded)]
        self._has_one_step = not any(hasattr(e, "transform") for e in nested[1:])
        self._convert = input_converter(loaded, signature)
        for estimator in nested:
            _use_one_thread(estimator)
        if signature.input == "matrix" and signature.dtype == "number" and signature.n_features:
            with contextlib.suppress(Exception):  # the first call imports and builds what it needs
                self._call(np.zeros((1, signature.n_features)), signature.methods[0])

    def answer(self, batch: Batch, method: Method) -> Any:
        """Call the estimator's method.

        Raises:
            InputMismatch: the instances don't fit the model, or the estimator refuses them.
        """
        inputs.check_method(method, self._signature)
        begun = time.monotonic()
        try:
            return self.attempt(batch, method)
        except Exception as error:
            ask = functools.partial(self.attempt, method=method)
            seconds = time.monotonic() - begun
            raise refusals.explained(error, batch, self._signature, ask, seconds=seconds) from error

    def attempt(self, batch: Batch, method: Method) -> Any:
        """Answer likewise, but leave errors as they come."""
        return self._call(inputs.for_estimator(batch, self._signature), method)

    def _call(self, batch: Any, method: Method) -> Any:  # what the estimator takes and gives
        """Call the method, without scikit-learn's search for NaN and infinity if there are none."""
        batch = self._convert(batch)
        is_finite = self._has_one_step and isinstance(batch, np.ndarray) and _fits_float32(batch)
        with config_context(assume_finite=is_finite):
            return getattr(self._estimator, method)(batch)


def _use_one_thread(estimator: Any) -> None:
    """Make an estimator answer in the calling thread: for a few rows, threads cost more."""
    if getattr(estimator, "n_jobs", None) is not None:
        estimator.n_jobs = 1
    if (library := boosting.library_of(estimator)) is not None:
        library.use_one_thread(estimator)


def _fits_float32(batch: NDArray[Any]) -> bool:
    """Whether all values are finite in float32 too, to which trees cast their input."""
    return batch.dtype == np.float64 and bool((np.abs(batch) <= FLOAT32_MAX).all())
