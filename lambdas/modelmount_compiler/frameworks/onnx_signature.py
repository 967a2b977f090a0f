"""Reads the signature of an ONNX graph.

| inputs                                         | an instance                          |
|------------------------------------------------|--------------------------------------|
| one of numbers or strings, shape (batch, k)    | a list of k values                   |
| one of strings, shape (batch,) or (batch, 1)   | a string                             |
| several, of shape (batch,) or (batch, 1)       | an object of values by input name    |

The first output answers `predict`. If it holds labels, a second output can answer `predict_proba`:
one whose name contains `prob`, or one of the maps that skl2onnx's `zipmap` makes.
"""

import math
from typing import Literal

import onnxruntime as ort

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.signature import Method, Signature

FLOATS = {"tensor(float16)": "f2", "tensor(float)": "f4", "tensor(double)": "f8"}
INTEGERS = {
    **{f"tensor(int{8 * size})": f"i{size}" for size in (1, 2, 4, 8)},
    **{f"tensor(uint{8 * size})": f"u{size}" for size in (1, 2, 4, 8)},
    "tensor(bool)": "?",
}
STRINGS = "tensor(string)"
MAPS = ("seq(map(int64,tensor(float)))", "seq(map(string,tensor(float)))")


def signature(session: ort.InferenceSession) -> Signature:
    """Read the signature from a graph, which doesn't contain the classes.

    Raises:
        ModelRejected: its inputs or outputs have another form than those above.
    """
    nodes = session.get_inputs()
    for node in nodes:
        _check_input(node, alone=len(nodes) == 1)
    width = nodes[0].shape[1] if len(nodes) == 1 and len(nodes[0].shape) == 2 else len(nodes)
    kind: Literal["matrix", "frame", "text"] = "frame" if len(nodes) > 1 else "matrix"
    if kind == "matrix" and nodes[0].type == STRINGS and width == 1:
        kind = "text"
    return Signature(
        input=kind,
        dtype="any" if any(node.type == STRINGS for node in nodes) else "number",
        n_features=width if isinstance(width, int) and kind != "text" else None,
        columns=tuple(node.name for node in nodes) if kind == "frame" else None,
        allows_missing=any(node.type in FLOATS for node in nodes),
        methods=tuple(outputs(session)),
    )


def outputs(session: ort.InferenceSession) -> dict[Method, str]:
    """Return the name of the output that answers each method; raises `ModelRejected`."""
    first, *others = session.get_outputs()
    if first.type not in {*FLOATS, *INTEGERS, STRINGS}:
        raise _unsupported(f"The first output, {first.name!r}, is a {first.type}, not a tensor.")
    found: dict[Method, str] = {"predict": first.name}
    if first.type in FLOATS:
        return found
    for node in others:
        if node.type in MAPS or (node.type in FLOATS and "prob" in node.name.lower()):
            return found | {"predict_proba": node.name}
    return found


def widths(session: ort.InferenceSession) -> dict[Method, int]:
    """Return how many numbers answer one instance, for each method whose output says so."""
    shapes = {node.name: node.shape for node in session.get_outputs()}
    found: dict[Method, int] = {}
    for method, name in outputs(session).items():
        rest = shapes[name][1:]
        if shapes[name] and all(isinstance(size, int) and size > 0 for size in rest):
            found[method] = math.prod(rest)
    return found


def _check_input(node: ort.NodeArg, *, alone: bool) -> None:
    what = f"The input {node.name!r} is a {node.type} of shape {node.shape}"
    if node.type not in {*FLOATS, *INTEGERS, STRINGS}:
        raise _unsupported(f"{what}; numbers and strings are taken.")
    if len(node.shape) not in (1, 2) or (alone and node.type != STRINGS and len(node.shape) != 2):
        raise _unsupported(f"{what}; its shape must be (batch, values).")
    if isinstance(node.shape[0], int):
        raise _unsupported(
            f"{what}; export it with a batch dimension of any length (dynamic_axes)."
        )
    if not alone and node.shape[1:] not in ([], [1]):
        raise _unsupported(f"{what}; one of several inputs must have the shape (batch, 1).")


def _unsupported(why: str) -> ModelRejected:
    return ModelRejected(
        "UNSUPPORTED_SIGNATURE",
        f"{why} Export the model with one matrix as its input, or one column for each, and an "
        "answer as its first output.",
    )
