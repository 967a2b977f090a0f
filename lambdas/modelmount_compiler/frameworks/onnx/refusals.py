"""Why ONNX Runtime doesn't load a graph, told so that its uploader can act."""

import re
from pathlib import Path

import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as faults

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.onnx.graph_facts import GraphFacts

RUNTIME = f"ONNX Runtime {ort.__version__}"
PREFIX = re.compile(r"^\[ONNXRuntimeError\] : \d+ : \w+ : ")
LOAD_PREFIX = re.compile(r"Load model from .*? failed: ?", re.DOTALL)
IR_VERSION = re.compile(r"Unsupported model IR version: (\d+), max supported IR version: (\d+)")
OPSET = re.compile(r"Opset (\d+) is under development.*?for domain (\S+) is till opset (\d+)", re.S)
NO_KERNEL = re.compile(r"Could not find an implementation for (\w+)\((\d+)\)")
NO_OPERATOR = re.compile(r"No Op registered for (\w+) with domain_version of (\d+)")
NOT_REGISTERED = re.compile(r"error: (\S+):(\w+)\((-?\d+)\) is not a registered function/op")
NO_TYPE = re.compile(r"MLDataType for: (\S+) is not currently registered or supported")
EXTERNAL = re.compile(r"[Ee]xternal [Dd]ata|external initializer|model_path")
LOCALE = re.compile(r"Failed to construct locale with name: ?([\w.@-]+?):")
SET_UP = re.compile(r"Exception during initialization: (.*)", re.DOTALL)
TRAINING = "ai.onnx.preview.training"


def of(error: Exception, path: Path, fmt: str) -> ModelRejected:
    """Return the refusal that an error of loading means."""
    text = LOAD_PREFIX.sub("", PREFIX.sub("", str(error)))
    if isinstance(error, faults.InvalidProtobuf):
        return ModelRejected(
            "CORRUPT_FILE", f"{RUNTIME} can't read it as {fmt}. Export the model once more."
        )
    told = _version(text) or _operator(text, GraphFacts.read(path))
    if told is not None:
        return told
    if EXTERNAL.search(text):
        return ModelRejected(
            "MISSING_FILE",
            f"{RUNTIME} doesn't find the weights that it keeps in other files: {text} Upload them "
            "beside the model, in an archive, or export with all weights in one file.",
        )
    if found := LOCALE.search(text):
        return ModelRejected(
            "UNSUPPORTED_GRAPH",
            f"Its operator StringNormalizer needs the locale {found[1]}, which isn't installed "
            "here. Set its attribute locale to C.UTF-8 (skl2onnx has the option locale).",
        )
    if found := SET_UP.match(text):
        return ModelRejected("UNSUPPORTED_GRAPH", f"{RUNTIME} can't set it up: {found[1]}")
    if isinstance(error, faults.NotImplemented):
        return ModelRejected("UNSUPPORTED_OPERATOR", f"{RUNTIME} can't run it: {text}")
    return ModelRejected(
        "INVALID_GRAPH",
        f"{RUNTIME} doesn't take its graph: {text} onnx.checker.check_model tells more.",
    )


def _version(text: str) -> ModelRejected | None:
    if found := IR_VERSION.search(text):
        return ModelRejected(
            "UNSUPPORTED_VERSION",
            f"It is of IR version {found[1]}, and {RUNTIME} reads up to {found[2]}. Export it with "
            "an older version of onnx, or set ir_version of the model.",
        )
    if found := OPSET.search(text):
        return ModelRejected(
            "UNSUPPORTED_VERSION",
            f"It needs opset {found[1]} of {found[2]}, and {RUNTIME} has up to opset {found[3]}. "
            "Export it with opset_version, or convert it with onnx.version_converter.",
        )
    return None


def _operator(text: str, facts: GraphFacts | None) -> ModelRejected | None:
    opsets = facts.opsets if facts else {}
    if found := NO_KERNEL.search(text):
        return _unsupported(
            f"{RUNTIME} has no implementation of the operator {found[1]}, version {found[2]}, for "
            f"the types of its inputs here, or of so old a version (the model's opsets: "
            f"{_told(opsets)}). Export it with a newer opset, or with other types, such as float."
        )
    if found := NO_OPERATOR.search(text):
        return _unsupported(
            f"There is no operator {found[1]} in the version {found[2]} of its domain (the "
            f"model's opsets: {_told(opsets)})."
        )
    if found := NOT_REGISTERED.search(text):
        version = opsets.get(found[1], found[3])
        what = "for training" if found[1] == TRAINING else "not among ONNX Runtime's own"
        return _unsupported(
            f"The operator {found[2]} of the domain {found[1]}, version {version}, is {what}. "
            "Export the model for inference, with standard operators."
        )
    if found := NO_TYPE.search(text):
        return ModelRejected(
            "UNSUPPORTED_TYPE",
            f"{RUNTIME} has no {found[1]}. Export the model with another type, such as float.",
        )
    return None


def _told(opsets: dict[str, int]) -> str:
    return ", ".join(f"{domain} {version}" for domain, version in opsets.items()) or "unknown"


def _unsupported(text: str) -> ModelRejected:
    return ModelRejected("UNSUPPORTED_OPERATOR", text)
