"""A request to a model, whatever the protocol that it came by, and the answer to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from modelmount_compiler.instances.batches import Batch
from modelmount_compiler.signature import Method
from serving.records.manifest import Manifest


@dataclass(slots=True)  # being frozen would cost each request a microsecond
class Query:
    """Instances for a model; without `version`, for its current one."""

    model: str
    version: str | None
    batch: Batch
    method: Method = "predict"


@dataclass(slots=True)
class Answer:
    """The answer of a version.

    Attributes:
        result: to n instances, as `modelmount_compiler.frameworks.model.Model.answer` gives it.
        load_ms: time to load the model; None where this answer didn't set that off.
        predict_ms: time to answer, conversion of the instances included.
        is_in_process: whether this process answered, and no worker.
    """

    manifest: Manifest
    result: Any
    load_ms: float | None
    predict_ms: float
    is_in_process: bool = True


# Answers a query, or raises as `Service.ask` does. Batching and capture wrap one in another.
Ask = Callable[[Query], Answer]
