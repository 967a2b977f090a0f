"""Programs as a notebook has them, without the time that proving takes."""

from pathlib import Path
from typing import Any

from modelmount_compiler import Program, load
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as runtime


def program_of(estimator: Any, folder: Path) -> Program:
    """Compile an estimator unproven, save the program, and load it again."""
    signature = runtime.describe(estimator)
    path = folder / "program.safetensors"
    Program(compile_model(estimator, signature), signature).save(path)
    return load(path)
