"""The ONNX runtime: runs models by ONNX Runtime, without compiling them."""

from modelmount_compiler.frameworks.onnx.description.signature import describe
from modelmount_compiler.frameworks.onnx.loading import load
from modelmount_compiler.frameworks.onnx.model import Model

__all__ = ["PACKAGES", "Model", "describe", "load"]

PACKAGES = ("onnxruntime", "numpy")
