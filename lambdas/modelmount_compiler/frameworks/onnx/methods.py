"""Which outputs answer which method."""

import math

from modelmount_compiler.signature import Method
from modelmount_compiler.tensors import Tensor, Tensors

LABELS = ("INT64", "BYTES")
FLOATS = ("FP16", "FP32", "FP64")


def outputs(tensors: Tensors) -> dict[Method, tuple[str, ...]]:
    """Return the names of the outputs that answer each method.

    A classifier's are labels and then scores: the labels answer `predict`, and probabilities
    `predict_proba`. Of any other graph all outputs answer `predict`.
    """
    first, *others = tensors.outputs
    if not others:
        return {"predict": (first.name,)}
    if tensors.runs == "whole" or not (_is_labels(first) and _is_scores(others[0])):
        return {"predict": tuple(tensor.name for tensor in tensors.outputs)}
    for tensor in others:
        if tensor.form == "maps" or (tensor.datatype in FLOATS and "prob" in tensor.name.lower()):
            return {"predict": (first.name,), "predict_proba": (tensor.name,)}
    return {"predict": (first.name,)}


def widths(tensors: Tensors) -> dict[Method, int]:
    """Return how many numbers answer one instance, for each method whose outputs say so."""
    by_name = {tensor.name: tensor for tensor in tensors.outputs}
    found: dict[Method, int] = {}
    for method, names in outputs(tensors).items():
        sizes = [size for name in names for size in (by_name[name].shape or (-1, -1))[1:]]
        if all(size > 0 for size in sizes):
            found[method] = sum(math.prod((by_name[name].shape or ())[1:]) for name in names)
    return found


def _is_labels(tensor: Tensor) -> bool:
    shape = tensor.shape
    is_column = shape is not None and (len(shape) == 1 or (len(shape) == 2 and shape[1] == 1))
    return tensor.form == "tensor" and tensor.datatype in LABELS and is_column


def _is_scores(tensor: Tensor) -> bool:
    is_matrix = tensor.shape is not None and len(tensor.shape) <= 2
    return tensor.form == "maps" or (tensor.datatype in FLOATS and is_matrix)
