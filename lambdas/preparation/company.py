"""Asks a model about rows alone and in company, and on data as it was fitted with."""

from collections.abc import Sequence
from typing import Any

from modelmount_compiler.frameworks.model import Model
from modelmount_compiler.independence import Independence
from modelmount_compiler.signature import Signature
from modelmount_compiler.verify import independence
from preparation.stages import Progress

MOST_SECONDS = 3.0  # for each of both


def ask(
    model: Model,
    loaded: object,
    signature: Signature,
    examples: Sequence[Any],
    progress: Progress,
) -> Independence:
    """Find out whether rows influence each other.

    Args:
        model: asks what was loaded.
        examples: instances that the uploader gave.

    Raises:
        ModelRejected: the answers belong to no row, or aren't those of the fitted data.
    """
    try:
        return _ask(model, loaded, signature, examples, progress)
    except MemoryError:  # one row may fit where several don't
        return Independence("unknown", 0, "several rows take more memory than there is (memory_mb)")


def _ask(
    model: Model,
    loaded: object,
    signature: Signature,
    examples: Sequence[Any],
    progress: Progress,
) -> Independence:
    pool = independence.make_pool(model, signature, loaded, examples)
    found = independence.check(model, signature, pool, seconds=MOST_SECONDS, watch=progress.asking)
    # A matrix of numbers is what it is.
    is_typed = signature.input == "frame" or signature.dtype == "any"
    if is_typed and found.rows != "unknown" and hasattr(loaded, signature.methods[0]):
        from modelmount_compiler.verify import as_fitted  # noqa: PLC0415 (imports scikit-learn)

        as_fitted.check(model, loaded, signature, pool, seconds=MOST_SECONDS, watch=progress.asking)
    return found
