"""Makes the code beside one model importable in this process, which is confined and its own.

A script or a notebook that saves a model pickles its own classes and functions as those of
`__main__`. Here that module finds each in the file of the code that defines it.
"""

import contextlib
import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from modelmount_compiler.errors import ModelRejected
from own_code import bytecode, mlflow_stand_in
from own_code.code_folder import CodeFolder
from own_code.definitions import Definitions

MAINS = ("__main__", "__mp_main__")
CLOUDPICKLE = "cloudpickle"
BAD_CODE = "BAD_CODE"


def activate(code: CodeFolder) -> None:
    """Put the code first among what is imported, and let `__main__` find its names there.

    Raises:
        ModelRejected: a module of it has a name that is taken here.
    """
    definitions = Definitions(code.places)
    _check_names(definitions, code.places)
    sys.path[:0] = map(str, code.places)
    importlib.invalidate_caches()
    main = _Main(definitions)
    for name in MAINS:
        _kept.append(sys.modules.get(name))
        sys.modules[name] = main
    _provide_cloudpickle()
    mlflow_stand_in.provide()


_kept: list[ModuleType | None] = []  # functions of the module that was started live on


def explained(error: Exception, places: tuple[Path, ...]) -> ModelRejected:
    """Return the refusal that an error means, which loading a model with its code raised."""
    if isinstance(error, ModelRejected):
        return error
    where = _failing_import(error, places)
    text = f"{type(error).__name__}: {error}"
    if where is None and isinstance(error, ImportError | AttributeError):
        return ModelRejected(
            "MISSING_CODE",
            f"The model needs code that isn't here: {error}. Put the file that defines it into "
            "code/ beside the model.",
        )
    if where is None:
        return ModelRejected("CORRUPT_FILE", f"The file couldn't be loaded: {text}")
    if isinstance(error, ModuleNotFoundError):
        advice = "Pack that module into code/ too, or have it in an environment of the deployment."
    else:
        advice = (
            "It has to be importable by itself: what trains or reads data belongs into another "
            "file, or under if __name__ == '__main__'."
        )
    return ModelRejected(BAD_CODE, f"code/{where} fails when it is imported: {text}. {advice}")


def _failing_import(error: Exception, places: tuple[Path, ...]) -> str | None:
    """Return the file of the code, and the line, whose import raised the error."""
    found, trace = None, error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_name == "<module>":
            found = _place(code.co_filename, trace.tb_lineno, places) or found
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename:
        found = _place(error.filename, error.lineno or 0, places) or found
    return found


def _place(file: str, line: int, places: tuple[Path, ...]) -> str | None:
    """Return a file below one of the places, and the line, for people."""
    inside = next((place for place in places if file.startswith(f"{place}/")), None)
    return None if inside is None else f"{Path(file).relative_to(inside)}, line {line},"


class _Main(ModuleType):
    """Stands for the script or notebook in which a model was saved."""

    def __init__(self, definitions: Definitions) -> None:
        super().__init__("__main__")
        self._definitions = definitions

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(importlib.import_module(self._module_of(name)), name)
        setattr(self, name, value)
        return value

    def _module_of(self, name: str) -> str:
        found = self._definitions.of(name)
        if not found:
            raise AttributeError(f"no file of the code beside the model defines {name!r}")
        if len(found) > 1:
            files = ", ".join(sorted(f"{each.module.replace('.', '/')}.py" for each in found))
            raise ModelRejected(
                BAD_CODE,
                f"The model needs {name}, and several files define it differently: {files}. Leave "
                "the one that it was saved with.",
            )
        return found[0].module


def _check_names(definitions: Definitions, places: tuple[Path, ...]) -> None:
    """Refuse modules that would be confused with what this process has imported."""
    taken = []
    for root in sorted(definitions.roots & sys.modules.keys()):
        file = getattr(sys.modules[root], "__file__", None)
        if file is None or not any(Path(file).is_relative_to(place) for place in places):
            taken.append(root)
    if taken:
        raise ModelRejected(
            BAD_CODE,
            f"The code beside the model has modules whose names are taken here: {', '.join(taken)}."
            " Rename them, change the imports of them, and save the model again.",
        )


def _provide_cloudpickle() -> None:
    """Let pickles of cloudpickle load, by joblib's copy where there is no other."""
    try:
        module = importlib.import_module(CLOUDPICKLE)
    except ImportError:
        for part in ("", ".cloudpickle", ".cloudpickle_fast"):
            with contextlib.suppress(ImportError):
                copy = importlib.import_module(f"joblib.externals.{CLOUDPICKLE}{part}")
                sys.modules[f"{CLOUDPICKLE}{part}"] = copy
        module = sys.modules[CLOUDPICKLE]
    bytecode.watch(importlib.import_module(f"{module.__name__}.cloudpickle"))
