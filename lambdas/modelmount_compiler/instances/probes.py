"""Plain instances of the kind that a signature names, of which a sound model answers some."""

from typing import Any

from modelmount_compiler.signature import Signature

NUMBERS = (0.0, 1.0, 0.5, -1.0, 7, 100.0)
TEXTS = ("a", "the quick brown fox", "")
RECORDS: tuple[dict[str, Any], ...] = ({}, {"a": 1.0}, {"a": "x"})
WIDEST = 100_000


def probes(signature: Signature) -> list[Any]:
    """Return instances: rows of numbers first, then rows of texts where those are taken, too."""
    match signature.input:
        case "text":
            return list(TEXTS)
        case "records" | "pairs":
            return list(RECORDS)
        case "tokens":
            return [[], ["a", "b"], [1, 2]]
    width = len(signature.columns) if signature.columns else signature.n_features or 1
    fills: list[Any] = [*NUMBERS]
    if signature.dtype == "any" and width <= WIDEST:
        fills += [1, *TEXTS, True, None]
    return [[fill] * width for fill in fills]
