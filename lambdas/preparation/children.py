"""Asks children for reports, and tells the refusals in these from their own ends."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from environments.environment import Environment
from preparation import stages
from preparation.sandbox import ChildFailed, read_report, run_child
from serving.errors import UploadRejected

CODE = re.compile(r"[A-Z][A-Z0-9_]{1,40}")
MAX_REASON = 4000
MAX_FILE = 2000


def ask(
    arguments: list[str],
    readable: Iterable[Path],
    *,
    seconds: float,
    memory_bytes: int,
    failure: str,
    environment: Environment | None = None,
) -> dict[str, Any]:
    """Return a child's report, a refusal in it or not.

    Raises:
        UploadRejected: the child ended without one, by the code `failure` or the model's fault.
    """
    try:
        found = run_child(
            arguments,
            seconds=seconds,
            memory_bytes=memory_bytes,
            readable=readable,
            environment=environment,
        )
        return read_report(found)
    except ChildFailed as error:
        stage = stages.read(error.noted)
        if stage is not None and stage.doing == "asking":
            stages.refuse_if_at_fault(stage, error.exit_signal, str(error))
        raise UploadRejected(failure, str(error)) from error


def refuse_if_told(report: dict[str, Any], failure: str) -> None:
    """Raise the refusal that a child reports, if it does."""
    if (refusal := refusal_in(report, failure)) is not None:
        raise refusal


def refusal_in(report: dict[str, Any], failure: str) -> UploadRejected | None:
    """Return the refusal that a child reports, of the length and form of ours."""
    if "rejected" not in report:
        return None
    told = report["rejected"]
    code = told.get("code") if isinstance(told, dict) else None
    if not isinstance(code, str) or not CODE.fullmatch(code):
        return UploadRejected(failure, "The model's process reported a refusal without a code.")
    file = str(told.get("file") or "")[:MAX_FILE]
    return UploadRejected(
        code,
        str(told.get("reason"))[:MAX_REASON],
        file=file if all(letter.isprintable() or letter == "\n" for letter in file) else "",
        needs_code=told.get("needs_code") is True,
    )
