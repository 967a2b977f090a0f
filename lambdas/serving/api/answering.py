"""Asks a model as the parameters of a request say, and tells what they say is wanted."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType
from numpy.typing import NDArray

from modelmount_compiler.instances import outputs
from modelmount_compiler.signature import Method, Signature
from serving.api.contract import InferenceResponse, Parameters
from serving.api.forms import Form
from serving.errors import RequestError, SignatureMismatch
from serving.service.query import Answer, Ask, Query
from serving.service.service import Service

OF_CLASSES = ("predict", "predict_proba", "decision_function")


class Told(msgspec.Struct):
    """What is told of a request's answers.

    Attributes:
        answers: those of the model, in the order in which it was asked.
        result: the predictions, in a form that every medium can write.
    """

    answers: Sequence[Answer]
    result: Any
    classes: list[Any] | UnsetType = UNSET
    probabilities: list[Any] | UnsetType = UNSET

    @property
    def has_more(self) -> bool:
        """Whether there is more than predictions, which few media can carry."""
        return self.classes is not UNSET or self.probabilities is not UNSET

    def response(self) -> InferenceResponse:
        """Return the answer of `POST /inference`."""
        manifest, rows = self.answers[0].manifest, outputs.rows(self.result)
        return InferenceResponse(
            manifest.model, manifest.version, rows, self.classes, self.probabilities
        )


class Answering:
    """Asks models of a service.

    Args:
        ask: answers one query.
    """

    def __init__(self, service: Service, ask: Ask) -> None:
        self._service = service
        self._ask = ask

    def answer(self, model: str, version: str | None, form: Form, asked: Parameters) -> Told:
        """Answer a request; raises `RequestError` and `ModelUnavailable` as `ask` does."""
        if form.is_frame or asked.ignore_extra_columns:
            columns = self._service.manifest(model, version).description.signature.columns
            form = form.without_extra(columns) if asked.ignore_extra_columns else form
            form = form.fitted(columns)
        query = Query(model, version, form.batch, asked.method)
        try:
            if asked.threshold is None and not asked.classes and not asked.probabilities:
                answer = self._ask(query)
                return Told((answer,), answer.result)
            return self._with_options(query, asked)
        except SignatureMismatch as error:
            raise self._relocated(error, query, form) from error

    def _with_options(self, query: Query, asked: Parameters) -> Told:
        signature = self._service.manifest(query.model, query.version).description.signature
        _check(asked, signature)
        if asked.threshold is not None:
            query.method = "predict_proba"
        first = self._ask(query)
        # Another version may have answered than would have a moment ago.
        signature = first.manifest.description.signature
        _check(asked, signature)
        answers, result = [first], first.result
        shares = first.result
        if asked.threshold is not None:
            result = _labels(shares, asked.threshold, signature.classes)
        elif asked.probabilities:
            version = first.manifest.version
            answers.append(self._ask(Query(query.model, version, query.batch, "predict_proba")))
            shares = answers[1].result
        return Told(
            answers,
            result,
            signature.classes if asked.classes or asked.probabilities else UNSET,
            outputs.rows(shares) if asked.probabilities else UNSET,
        )

    def _relocated(self, error: RequestError, query: Query, form: Form) -> RequestError:
        manifest = self._service.manifest(query.model, query.version)
        return form.relocated(error, manifest.description.signature.columns)


def _check(asked: Parameters, signature: Signature) -> None:
    """Raise `SignatureMismatch` where the model, or the method, has no such answer."""
    if asked.threshold is not None:
        _only_for("predict", asked, "threshold")
        _needs_probabilities(signature, "threshold")
        if not _is_binary(signature):
            text = "A threshold chooses between two classes, and this model has others."
            raise SignatureMismatch(text, field="$.parameters.threshold")
    if asked.probabilities:
        _only_for("predict", asked, "probabilities")
        _needs_probabilities(signature, "probabilities")
    if asked.classes and (signature.classes is None or asked.method not in OF_CLASSES):
        text = (
            f"The answer of {asked.method} is of no classes; leave out classes."
            if asked.method not in OF_CLASSES
            else "This model knows no classes; leave out classes."
        )
        raise SignatureMismatch(text, field="$.parameters.classes")


def _only_for(method: Method, asked: Parameters, name: str) -> None:
    if asked.method != method:
        text = f"{name} is for the method {method}, and {asked.method} was asked."
        raise SignatureMismatch(text, field=f"$.parameters.{name}")


def _needs_probabilities(signature: Signature, name: str) -> None:
    if "predict_proba" in signature.methods and signature.classes is not None:
        return
    offered = ", ".join(signature.methods)
    text = f"This model has no predict_proba, which {name} needs; it offers {offered}."
    if "predict_proba" in signature.methods:
        text = f"The classes of this model aren't known, which {name} needs."
    raise SignatureMismatch(text, field=f"$.parameters.{name}")


def _is_binary(signature: Signature) -> bool:
    classes = signature.classes
    return len(classes) == 2 and not any(isinstance(label, list) for label in classes)


def _labels(shares: Any, threshold: float, classes: list[Any]) -> NDArray[Any]:
    """Return the second class where its share is at least the threshold, as scikit-learn does.

    Where a share isn't a number, neither is the label.
    """
    table = np.asarray(shares)
    if table.ndim != 2 or table.shape[1] != len(classes):
        text = "The probabilities of this model aren't one for each class: ask predict_proba."
        raise SignatureMismatch(text, field="$.parameters.threshold")
    second = table[:, 1]
    labels = np.asarray(classes)
    if labels.tolist() != classes or np.isnan(second).any():
        labels = np.array(classes, dtype=object)
    chosen: NDArray[Any] = labels[(second >= threshold).astype(int)]
    if labels.dtype == object:
        chosen[np.isnan(second)] = None
    return chosen
