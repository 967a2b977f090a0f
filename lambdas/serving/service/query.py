"""A request to a model, whatever the protocol that it came by."""

from dataclasses import dataclass

from modelmount_compiler.instances.batches import Batch
from modelmount_compiler.signature import Method


@dataclass(slots=True)  # being frozen would cost each request a microsecond
class Query:
    """Instances for a model; without `version`, for its current one."""

    model: str
    version: str | None
    batch: Batch
    method: Method = "predict"
