"""Asks one model about rows of its own data, in every form and company."""

import copy
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.signature import METHODS
from serving.errors import UploadRejected
from tests.sweep.endpoint import Endpoint
from tests.sweep.forms import FORMS, Form, NotWritable, may_be_text
from tests.sweep.outcomes import Outcomes, fault, own_answer
from tests.sweep.questions import questions
from tests.sweep.zoo import Fitted, Kind

# Forms that this deployment doesn't read yet.
SWITCHED_OFF: tuple[str, ...] = ()


def sweep(kind: Kind, endpoint: Endpoint, name: str, seed: int, outcomes: Outcomes) -> None:
    """Publish a model of the kind, ask it, and count; what can't be fitted counts nothing."""
    with threadpool_limits(1):  # threads that wait for each other, busily, take most of the time
        _sweep(kind, endpoint, name, seed, outcomes)


def _sweep(kind: Kind, endpoint: Endpoint, name: str, seed: int, outcomes: Outcomes) -> None:
    try:
        fitted = kind.fit()
    except ValueError as error:
        print(f"{kind.name} isn't fitted: {error}")
        return
    outcomes.kinds += 1
    try:
        endpoint.publish(name, copy.deepcopy(fitted.estimator))
    except (ModelRejected, UploadRejected) as error:
        outcomes.refused_kinds[kind.name] = str(error)
        return
    try:
        _ask(kind.name, fitted, endpoint, name, np.random.default_rng(seed), outcomes)
    finally:
        endpoint.withdraw(name)


def _ask(
    kind: str,
    fitted: Fitted,
    endpoint: Endpoint,
    name: str,
    rng: np.random.Generator,
    outcomes: Outcomes,
) -> None:
    methods = [method for method in METHODS if hasattr(fitted.estimator, method)]
    for question in questions(fitted.data, rng):
        for method in methods:
            expected = own_answer(fitted.estimator, method, question.rows)
            for form in FORMS:
                if form.name in SWITCHED_OFF:
                    continue
                wrong = _asked(form, endpoint, name, question.rows, method, expected, outcomes)
                if wrong:
                    place = f"{kind}, {method}, {question.company}, {form.name}"
                    outcomes.wrong.append(f"{place}: {wrong}")


def _asked(
    form: Form,
    endpoint: Endpoint,
    name: str,
    rows: Any,
    method: str,
    expected: list[Any] | Exception,
    outcomes: Outcomes,
) -> str | None:
    """Ask once and count; return what is wrong."""
    if form.name == "CSV" and isinstance(expected, Exception) and may_be_text(rows):
        return None
    try:
        request = form.write(name, rows, method)
    except NotWritable:
        return None
    response = endpoint.application.respond(request)
    wrong = fault(response, expected, form.read)
    if wrong is None and response.status == 200:
        outcomes.right[form.name] += 1
    elif wrong is None:
        outcomes.refused[form.name] += 1
        outcomes.refused_alone[form.name] += isinstance(expected, list)
    return wrong
