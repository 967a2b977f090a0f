"""Reads what a skops file would make, without making it.

A skops file is a ZIP archive: `schema.json` is a tree of nodes, each with a class and the loader
that makes an object of it. https://skops.readthedocs.io/en/stable/persistence.html
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from modelmount_compiler.frameworks.loading_policy import calls
from modelmount_compiler.frameworks.loading_policy.globals import Global
from modelmount_compiler.frameworks.loading_policy.record import Record
from modelmount_compiler.frameworks.loading_policy.values import Made

Node = dict[str, Any]
LOADER, ID = "__loader__", "__id__"
BUNCH = "sklearn.utils._bunch.Bunch"
# The classes of which a loader makes objects, where skops lets a file choose others.
MADE_OF = {
    "DictNode": ("builtins.dict", "collections.OrderedDict", BUNCH),
    "DefaultDictNode": ("collections.defaultdict",),
    "ListNode": ("builtins.list",),
    "SetNode": ("builtins.set", "builtins.frozenset"),
    "SliceNode": ("builtins.slice",),
    "MaskedArrayNode": ("numpy.ma.core.MaskedArray", "numpy.ma.MaskedArray"),
    "RandomStateNode": ("numpy.random.mtrand.RandomState",),
    "RandomGeneratorNode": ("numpy.random._generator.Generator",),
    "DTypeNode": ("numpy.dtype",),
    "TreeNode": ("sklearn.tree._tree.Tree",),
    "PartialNode": ("functools.partial",),
}
ARRAY, TREE = "numpy.ndarray", "sklearn.tree._tree.Tree"
STR = "builtins.str"


class SkopsReader:
    """Goes through the nodes of a file, and notes what each would make in a record."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self._nodes: dict[Any, Node] = {}
        self._made: dict[int, Any] = {}
        self._loaders: dict[str, Callable[[Node], Any]] = {
            "JsonNode": lambda node: json.loads(node["content"]),
            "DictNode": self._dict,
            "DefaultDictNode": self._default_dict,
            "ListNode": self._list,
            "SetNode": self._list,
            "TupleNode": self._tuple,
            "FunctionNode": self._named,
            "TypeNode": self._named,
            "SliceNode": lambda _: None,
            "BytesNode": lambda _: b"",
            "BytearrayNode": lambda _: b"",
            "ObjectNode": self._object,
            "ConstructorFromReduceNode": self._constructed,
            "NdArrayNode": self._array,
            "MaskedArrayNode": lambda node: self._data(node, ARRAY),
            "RandomStateNode": lambda node: self._data(node, "numpy.random.RandomState"),
            "RandomGeneratorNode": lambda node: self._data(node, "numpy.random.Generator"),
            "DTypeNode": lambda node: self._data(node, "numpy.dtype"),
            "SparseMatrixNode": lambda node: self._data(node, str(self._named(node))),
            "TreeNode": self._reduced,
            "LossNode": self._reduced,
            "PartialNode": self._partial,
            "OperatorFuncNode": self._operator,
        }

    def read(self, path: Path) -> list[str]:
        """Note all that a file would make, and return the names of all classes in it."""
        with ZipFile(path) as archive:
            schema = json.loads(archive.read("schema.json"))
        for node in _nodes(schema):
            if ID in node and node[LOADER] != "CachedNode":
                # skops takes the first of an id, and writes it again wherever it occurs.
                first = self._nodes.setdefault(node[ID], node)
                if first is not node and _content(first) != _content(node):
                    self.record.refuse("it has two objects of the same id")
        self._value(schema)
        return sorted({_name(node) for node in _nodes(schema)})

    def _value(self, node: Any) -> Any:
        """Return what stands for the object of a node."""
        if node[LOADER] == "CachedNode":
            node = self._nodes[node[ID]]
        if id(node) not in self._made:
            loader = node[LOADER]
            if loader not in self._loaders:
                self.record.refuse(f"it has a {str(loader)[:80]}, which no model needs")
                return None
            expected = MADE_OF.get(loader)
            if expected and _name(node) not in expected:
                self.record.refuse(f"it makes a {_name(node)} by a {loader}")
            self._made[id(node)] = None  # for one that lies inside itself
            self._made[id(node)] = self._loaders[loader](node)
        return self._made[id(node)]

    def _named(self, node: Node) -> Global:
        found = Global(str(node["__module__"]), str(node["__class__"]))
        self.record.named[found] = None
        return found

    def _dict(self, node: Node) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        self._made[id(node)] = found
        types = [str(each) for each in self._value(node["key_types"])]
        for number, (key, value) in enumerate(node["content"].items()):
            is_text = number < len(types) and types[number] == STR
            found[key if is_text else (number, key)] = self._value(value)
        return found

    def _default_dict(self, node: Node) -> Made:
        factory = self._value(node["content"]["default_factory"])
        made = self._called(Global("collections", "defaultdict"), [factory])
        made.append(self._value(node["content"]["main"]))
        return made

    def _list(self, node: Node) -> list[Any]:
        found: list[Any] = []
        self._made[id(node)] = found
        found.extend(self._value(each) for each in node["content"])
        return found

    def _tuple(self, node: Node) -> Any:
        held = tuple(self._list(node))
        return held if _name(node) == "builtins.tuple" else self._new(node, held)

    def _object(self, node: Node) -> Made:
        made = self._new(node, ())
        self._made[id(node)] = made
        if node.get("content") is not None:
            made.state = self._value(node["content"])
            made.has_state = True
            self.record.note_version(made.state)
        return made

    def _new(self, node: Node, arguments: tuple[Any, ...]) -> Made:
        named = self._named(node)
        made = calls.new(named, arguments, self.record.policy)
        return self.record.refused_call(named) if made is None else self.record.noted(made)

    def _constructed(self, node: Node) -> Made:
        return self._called(self._named(node), list(self._value(node["content"])))

    def _called(self, named: Global, arguments: list[Any]) -> Made:
        made = calls.made_by(named, arguments, self.record.policy)
        return self.record.refused_call(named) if made is None else self.record.noted(made)

    def _reduced(self, node: Node) -> Made:
        arguments = list(self._value(node["__reduce__"]["args"]))
        made = self._called(self._named(node), arguments)
        made.state, made.has_state = self._value(node["content"]), True
        return made

    def _partial(self, node: Node) -> Made:
        content = node["content"]
        made = self.record.noted(Made("functools.partial"))
        state = [self._value(content[key]) for key in ("func", "args", "kwds", "namespace")]
        made.state, made.has_state = tuple(state), True
        return made

    def _operator(self, node: Node) -> Made:
        return self._called(self._named(node), list(self._value(node["attrs"])))

    def _array(self, node: Node) -> Made:
        if _name(node) != ARRAY:
            self._named(node)
        made = self.record.noted(Made(ARRAY))
        if node.get("type") == "json":
            made.state = [self._value(each) for each in node["content"]]
        return made

    def _data(self, node: Node, name: str) -> Made:
        made = self.record.noted(Made(name))
        for inner in _nodes(node.get("content")):
            self._value(inner)
        return made


def _name(node: Node) -> str:
    return f"{node['__module__']}.{node['__class__']}"


def _content(value: Any) -> Any:
    """Return a part of the schema without what differs each time an object is written."""
    if isinstance(value, dict):
        is_reference = value.get(LOADER) == "CachedNode"
        left_out = ("file",) if is_reference else ("file", ID)
        return {
            key: _content(inner)
            for key, inner in value.items()
            if key not in left_out or isinstance(inner, dict)  # an item of a dictionary
        }
    return [_content(inner) for inner in value] if isinstance(value, list) else value


def _nodes(value: Any) -> Iterator[Node]:
    """Yield all nodes in a part of the schema, at any depth."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if LOADER in each:
                yield each
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
