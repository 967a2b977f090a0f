"""Commands of an operator, which `publish` gets as events of their own.

::

    {"operation": "rollback", "model": "iris", "version": "3", "dry_run": true}

An asynchronous command's outcome leaves as a notice. `show`, `sizes` and `dry_run` are for
synchronous calls: they return the model's status, the sizes of all models, or the outcome that the
command would have.
"""

from dataclasses import dataclass
from typing import Any, Literal

from serving.errors import ModelNotFound, OperationRefused, RecordError
from serving.records import codec
from serving.repository import size_report, status_report
from serving.repository.operations import Operations
from serving.repository.outcome import Outcome
from serving.repository.repository import Repository


@dataclass(frozen=True, slots=True)
class Operation:
    """A command. Only `pin` needs a `version`, and `sizes` no `model`; see `Operations`."""

    operation: Literal["pin", "unpin", "rollback", "delete", "show", "sizes"]
    model: str = ""
    version: str | None = None
    dry_run: bool = False


def is_operation(event: dict[str, Any]) -> bool:
    """Whether the event is a command, not a destination record."""
    return "operation" in event


def carry_out(event: dict[str, Any], repository: Repository) -> dict[str, Any]:
    """Carry out a command and return its outcome; a refusal is an answer, not an error."""
    try:
        asked = codec.decode(Operation, event)
        if asked.operation == "sizes":
            return {"outcomes": [], "sizes": size_report.render(repository.models)}
        if asked.operation == "show":
            return {
                "outcomes": [],
                "status": status_report.render(repository.models.status(asked.model)),
            }
        outcome = _carry_out(asked, repository.operations)
    except (OperationRefused, ModelNotFound, RecordError) as error:
        return {"outcomes": [], "error": {"code": error.code, "message": str(error)}}
    return {"outcomes": [codec.encode(outcome)]}


def _carry_out(asked: Operation, operations: Operations) -> Outcome:
    match asked.operation:
        case "pin":
            if asked.version is None:
                raise OperationRefused("Say which version to pin.")
            return operations.pin(asked.model, asked.version, dry_run=asked.dry_run)
        case "unpin":
            return operations.unpin(asked.model, dry_run=asked.dry_run)
        case "rollback":
            return operations.roll_back(asked.model, asked.version, dry_run=asked.dry_run)
        case _:
            return operations.delete(asked.model, asked.version, dry_run=asked.dry_run)
