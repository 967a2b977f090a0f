"""Chooses the environment by what a child read in an upload, and has it scanned there."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

from environments.environment import DEFAULT, Environment
from preparation import children
from preparation.choice import refusals
from preparation.choice.choosing import Choice, choose
from preparation.stated.stated import Stated
from serving.errors import RecordError, UploadRejected
from serving.records import codec

FAILURE = "SCAN_FAILED"
Ask = Callable[[Environment | None], dict[str, Any]]


def chosen(
    ask: Ask,
    there: Sequence[Environment],
    named: str,
    *,
    is_scanned: bool,
    forgives: Callable[[UploadRejected], bool] = lambda _: False,
) -> tuple[Choice, UploadRejected | None]:
    """Return the environment for an upload, and a refusal that was forgiven.

    Args:
        ask: has a child of an environment report what the upload states, and a scan's refusal.
        named: the environment that the uploader names.
        is_scanned: whether the file can run code, and so is scanned where it is loaded.
        forgives: whether a refusal is none, since own code runs.

    Raises:
        UploadRejected: no environment suits, or the scan refuses the file.
    """
    report = ask(None)
    try:
        stated = codec.decode(Stated, report.get("stated"))
    except RecordError as error:
        raise UploadRejected(FAILURE, f"Its versions couldn't be read: {error}") from error
    refusal = children.refusal_in(report, FAILURE)
    if refusal is not None and _calls_python(stated) and not forgives(refusal):
        raise refusal
    choice = choose(stated, there, named)
    if choice.environment.name != DEFAULT and is_scanned:
        refusal = children.refusal_in(ask(choice.environment), FAILURE)
    if refusal is not None:
        missing = refusals.missing(stated, there)
        if missing is not None or not forgives(refusal):
            raise missing or choice.explained(refusal)
    return choice, refusal


def _calls_python(stated: Stated) -> bool:
    """Whether a pickle names what Python itself brings, and no model needs: no version's fault."""
    return any(name.partition(".")[0] in sys.stdlib_module_names for name in stated.untrusted)
