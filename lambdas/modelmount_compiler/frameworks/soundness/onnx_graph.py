"""Refuses ONNX graphs whose work or memory a caller's number decides, and foreign operators.

Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. Operators and their inputs:
https://onnx.ai/onnx/operators, opset 25.
"""

from dataclasses import dataclass, field
from pathlib import Path

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.soundness import onnx_files
from modelmount_compiler.frameworks.soundness.protobuf import Message, int64s

GRAPH, OPSETS, FUNCTIONS = 7, 8, 25  # of a model
OPSET_DOMAIN, OPSET_VERSION = 1, 2
NODES, INITIALIZERS, SPARSE, INPUTS, OUTPUTS = 1, 5, 15, 11, 12  # of a graph
TAKES, GIVES, OPERATOR, ATTRIBUTES, NODE_DOMAIN = 1, 2, 4, 5, 7  # of a node
NAME, TENSOR, SUBGRAPH, INTEGER, INTEGERS, SUBGRAPHS = 1, 5, 6, 3, 8, 11  # of an attribute
KIND, INT64S, TENSOR_NAME, RAW = 2, 7, 8, 9  # of a tensor
FUNCTION_NAME, FUNCTION_TAKES, FUNCTION_GIVES, FUNCTION_NODES, FUNCTION_DOMAIN = 1, 4, 5, 7, 10
INT64 = 7

STANDARD = ("", "ai.onnx", "ai.onnx.ml")
CONTRIBUTOR = "com.microsoft"
# What operators of other domains are, by the end of their name.
NOT_FOR_USE = {
    ".training": "training",
    ".preview": "preview",
    CONTRIBUTOR: "most of ONNX Runtime's own",
}
# Of ONNX Runtime's own operators: those that converters write.
CONTRIBUTED = (
    *("CDist", "Gelu", "FastGelu", "QuickGelu", "BiasGelu", "FusedMatMul", "FusedGemm"),
    *("QLinearAdd", "QLinearMul", "QLinearSigmoid", "QLinearLeakyRelu", "QLinearSoftmax"),
    *("QLinearGlobalAveragePool", "QLinearAveragePool", "QLinearConcat", "QGemm"),
    *("DynamicQuantizeMatMul", "MatMulIntegerToFloat", "SkipLayerNormalization"),
    *("LayerNormalization", "EmbedLayerNormalization", "Attention", "Inverse", "Trilu"),
    *("QuantizeLinear", "DequantizeLinear", "QAttention", "DynamicQuantizeLSTM"),
    *("Tokenizer", "MurmurHash3"),  # of skl2onnx's vectorizers
)
# Inputs that decide how large an output is, or how often something is done.
SIZES = {
    "AffineGrid": (1,),
    "BlackmanWindow": (0,),
    "CenterCropPad": (1,),
    "Col2Im": (1, 2),
    "ConstantOfShape": (0,),
    "DFT": (1,),
    "Expand": (1,),
    "HammingWindow": (0,),
    "HannWindow": (0,),
    "MaxUnpool": (2,),
    "MelWeightMatrix": (0, 1, 2),
    "OneHot": (1,),
    "Pad": (1, 3),
    "Range": (0, 1, 2),
    "Resize": (1, 2, 3),
    "STFT": (1, 3),
    "Tile": (1, 2),
    "Upsample": (1,),
}
SHAPES = ("Shape", "Size")  # what they give is bounded by what is sent
LOOP, MOST_TURNS = "Loop", 100_000
MOST_KEPT = 8  # numbers of a constant
DEEPEST, MOST_NODES = 24, 1_000_000
ADVICE = (
    "Export the model with sizes and numbers of steps that are fixed, or that follow from the "
    "shape of the input."
)


@dataclass
class Scope:
    """What is known of the values of a graph.

    Attributes:
        from_caller: names of values that depend on numbers that callers send.
        constants: values of small integer tensors, by name.
    """

    from_caller: set[str] = field(default_factory=set)
    constants: dict[str, list[int]] = field(default_factory=dict)

    def inner(self) -> "Scope":
        """Return a scope for a graph inside, which sees the names of this one."""
        return Scope(set(self.from_caller), dict(self.constants))


def check(data: bytes, folder: Path) -> None:
    """Check a model.

    Args:
        folder: where the model's file lies, and files of weights beside it.

    Raises:
        ModelRejected: an operator, a size in it, or a file of weights isn't taken.
    """
    try:
        Graphs(Message(memoryview(data)), folder).check()
    except ValueError as error:
        reason = f"It can't be read as a model of ONNX: {error}. Export the model once more."
        raise ModelRejected("CORRUPT_FILE", reason) from error


class Graphs:
    """The graphs of one model, which are followed as they run."""

    def __init__(self, model: Message, folder: Path) -> None:
        self._model, self._folder = model, folder
        self._functions = {
            (f.text(FUNCTION_DOMAIN), f.text(FUNCTION_NAME)): f for f in model.messages(FUNCTIONS)
        }
        for domain, name in self._functions:
            if domain in (*STANDARD, CONTRIBUTOR):
                raise _refused(f"It redefines the operator {name!r:.80} of {domain or 'ONNX'}.")
        self._opsets = {
            opset.text(OPSET_DOMAIN): opset.integer(OPSET_VERSION)
            for opset in model.messages(OPSETS)
        }
        self._nodes = 0

    def check(self) -> None:
        """Follow the outermost graph."""
        graph = self._model.message(GRAPH)
        if graph is None:
            raise ValueError("it has no graph")
        if not graph.bytes(OUTPUTS):
            raise ModelRejected("INVALID_GRAPH", "Its graph has no outputs. Export it with some.")
        scope = Scope({value.text(1) for value in graph.messages(INPUTS)})
        self._graph(graph, scope, 1, 0)

    def _graph(self, graph: Message, scope: Scope, turns: int, depth: int) -> None:
        """Follow a graph whose inputs are in the scope already."""
        for tensor in graph.messages(INITIALIZERS):
            onnx_files.check(tensor, self._folder)
            scope.from_caller.discard(tensor.text(TENSOR_NAME))
            _remember(tensor, tensor.text(TENSOR_NAME), scope)
        for sparse in graph.messages(SPARSE):
            for part in (sparse.message(1), sparse.message(2)):
                if part is not None:
                    onnx_files.check(part, self._folder)
        self._follow(list(graph.messages(NODES)), scope, turns, depth)

    def _follow(self, nodes: list[Message], scope: Scope, turns: int, depth: int) -> None:
        if depth > DEEPEST:
            raise _refused(f"Its graphs are nested more than {DEEPEST} deep.")
        # ONNX Runtime takes nodes in any order, so this goes on until nothing new is found.
        known = -1
        while known < (known := len(scope.from_caller) + len(scope.constants)):
            for node in nodes:
                self._node(node, scope, turns, depth)

    def _node(self, node: Message, scope: Scope, turns: int, depth: int) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise _refused(f"It has more than {MOST_NODES:,} operators.")
        operator, domain = node.text(OPERATOR), node.text(NODE_DOMAIN)
        takes, gives = node.texts(TAKES), node.texts(GIVES)
        called = self._functions.get((domain, operator))
        if called is None:
            self._check_operator(operator, domain)
        from_caller = bool(scope.from_caller.intersection(takes))
        if called is not None:
            from_caller = self._call(called, takes, scope, turns, depth)
        elif operator == LOOP:
            turns *= _turns(takes, scope, turns)
        elif domain in STANDARD:
            _check_sizes(operator, takes, scope)
        for attribute in node.messages(ATTRIBUTES):
            from_caller |= self._attribute(attribute, node, from_caller, scope, (turns, depth))
        if from_caller and operator not in SHAPES:
            scope.from_caller.update(gives)

    def _attribute(
        self, attribute: Message, node: Message, given: bool, scope: Scope, at: tuple[int, int]
    ) -> bool:
        """Check an attribute; return whether a graph in it gives what callers' numbers decide."""
        tensor = attribute.message(TENSOR)
        if tensor is not None:
            onnx_files.check(tensor, self._folder)
        gives = node.texts(GIVES)
        if node.text(OPERATOR) == "Constant" and gives:
            _remember_constant(attribute, tensor, gives[0], scope)
        found = [self._inside(graph, given, scope, *at) for graph in _graphs(attribute)]
        return any(found)

    def _inside(
        self, graph: Message, from_caller: bool, scope: Scope, turns: int, depth: int
    ) -> bool:
        """Follow a graph of a node; return whether its outputs depend on callers' numbers."""
        inner = scope.inner()
        inputs = {value.text(1) for value in graph.messages(INPUTS)}
        for name in inputs:
            inner.constants.pop(name, None)
        # What a turn of a loop gives is what the next one takes.
        inner.from_caller.update(inputs)
        self._graph(graph, inner, turns, depth + 1)
        outputs = {value.text(1) for value in graph.messages(OUTPUTS)}
        return from_caller or bool(inner.from_caller & outputs)

    def _call(
        self, function: Message, takes: list[str], scope: Scope, turns: int, depth: int
    ) -> bool:
        """Follow a function of the model's own."""
        inner = Scope()
        for name, given in zip(function.texts(FUNCTION_TAKES), takes, strict=False):
            if given in scope.from_caller:
                inner.from_caller.add(name)
            if given in scope.constants:
                inner.constants[name] = scope.constants[given]
        self._follow(list(function.messages(FUNCTION_NODES)), inner, turns, depth + 1)
        return bool(inner.from_caller.intersection(function.texts(FUNCTION_GIVES)))

    def _check_operator(self, operator: str, domain: str) -> None:
        if domain in STANDARD or (domain == CONTRIBUTOR and operator in CONTRIBUTED):
            return
        version = self._opsets.get(domain)
        told = f"domain {domain!r:.80}" + (f", version {version}" if version else "")
        what = next((what for end, what in NOT_FOR_USE.items() if domain.endswith(end)), "custom")
        raise ModelRejected(
            "UNSUPPORTED_OPERATOR",
            f"It has the operator {operator!r:.80} of the {told}: {what} operators aren't taken. "
            f"Export the model for inference, with the operators of {' and '.join(STANDARD[1:])}.",
        )


def _graphs(attribute: Message) -> list[Message]:
    alone = attribute.message(SUBGRAPH)
    return [*attribute.messages(SUBGRAPHS), *([] if alone is None else [alone])]


def _check_sizes(operator: str, takes: list[str], scope: Scope) -> None:
    for place in SIZES.get(operator, ()):
        if place < len(takes) and takes[place] in scope.from_caller:
            raise _refused(
                f"Its operator {operator} makes as much as a number says that callers send (its "
                f"input {takes[place]!r:.80})."
            )


def _turns(takes: list[str], scope: Scope, before: int) -> int:
    """Return how often a loop can turn; 1 where the shape of the input says how often."""
    most = takes[0] if takes else ""
    if not most:
        raise _refused("It has a Loop without a largest number of turns.")
    if most in scope.from_caller:
        raise _refused("It has a Loop that turns as often as a number says that callers send.")
    known = scope.constants.get(most)
    turns = max(known[0], 0) if known else 1
    if turns * before > MOST_TURNS:
        raise _refused(f"It has a Loop of {turns:,} turns; {MOST_TURNS:,} are the most.")
    return max(turns, 1)


def _remember(tensor: Message, name: str, scope: Scope) -> None:
    """Note the values of a small tensor of integers."""
    if tensor.integer(KIND) != INT64:
        return
    raw = tensor.bytes(RAW)
    values = int64s(raw[-1]) if raw and len(raw[-1]) <= 8 * MOST_KEPT else tensor.integers(INT64S)
    if 0 < len(values) <= MOST_KEPT:
        scope.constants[name] = values


def _remember_constant(attribute: Message, tensor: Message | None, name: str, scope: Scope) -> None:
    """Note the values of a node that gives a constant."""
    if tensor is not None:
        _remember(tensor, name, scope)
    elif attribute.text(NAME) in ("value_int", "value_ints"):
        found = attribute.integers(INTEGER) or attribute.integers(INTEGERS)
        scope.constants[name] = found[:MOST_KEPT]


def _refused(what: str) -> ModelRejected:
    return ModelRejected("UNSUPPORTED_GRAPH", f"{what} {ADVICE}")
