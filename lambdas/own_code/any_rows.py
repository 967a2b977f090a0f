"""The signature of models of which nothing is known but their methods: rows of anything."""

import dataclasses

from modelmount_compiler.signature import Signature

OPEN = Signature("matrix", "any", None, None, allows_missing=True, methods=("predict",))


def of(signature: Signature) -> Signature:
    """Return a signature with its methods and classes, for rows of anything."""
    return dataclasses.replace(OPEN, methods=signature.methods, classes=signature.classes)


def are_taken(signature: Signature) -> bool:
    """Whether a signature says nothing of the rows."""
    return signature == of(signature)
