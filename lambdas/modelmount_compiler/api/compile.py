"""From a fitted model in memory to a program that is proven, or the reason why not."""

import pickle
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from modelmount_compiler.api.program import Program
from modelmount_compiler.api.report import Report
from modelmount_compiler.compilation import Compilation
from modelmount_compiler.frameworks import sklearn as estimators
from modelmount_compiler.frameworks.sklearn.loading import completed
from modelmount_compiler.instances import tabular
from modelmount_compiler.program import Program as Operations
from modelmount_compiler.program import file
from modelmount_compiler.verify import compile_verified
from modelmount_compiler.verify.verifier import Reference

T = TypeVar("T")
# What pickle raises for a lambda, a class inside a function, a lock or an open file.
UNCOPIED = (pickle.PicklingError, AttributeError, TypeError)


def compile(  # noqa: A001 (as torch.compile, re.compile)
    model: Any,
    examples: Any = None,
    *,
    seconds: float = 60,
    seed: int = compile_verified.SEED,
) -> Report:
    """Compile a fitted model, and hold the program against it on thousands of probes.

    The model is an estimator or pipeline of scikit-learn, or an estimator or Booster of XGBoost,
    LightGBM or CatBoost. It stays as it is: a copy is asked.

    Args:
        examples: rows such as the model gets, which become probes too.
        seconds: what compiling and proving should take at most. A converter isn't interrupted.
        seed: of the probes' random draws.

    Raises:
        ModelRejected: the model isn't fitted, or is no model.
        InputMismatch: the examples don't fit the model.
    """
    name = type(model).__name__
    try:
        copied = _copy(model)
    except UNCOPIED as error:
        return _failed(name, "the model can't be copied", error, seed)
    reference = _reference(copied, examples)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        target = Path(folder) / "program"
        try:
            compilation = compile_verified.compile_to(target, reference, seconds=seconds, seed=seed)
        except Exception as error:
            return _failed(name, "compiling failed", error, seed)
        if compilation.file is None:
            return Report(name, compilation)
        return Report(name, compilation, _proven(file.read(target), reference, compilation))


def _copy(model: T) -> T:
    """Return a copy whose large arrays are the model's own, which nothing here writes to.

    A deep copy would lose the best iteration of a LightGBM model.
    """
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(model, protocol=5, buffer_callback=buffers.append)
    copied: T = pickle.loads(data, buffers=buffers)  # noqa: S301 (written a line above)
    return copied


def _reference(model: Any, examples: Any) -> Reference:
    """Describe a model, which is set up for serving; of a Booster, the estimator around it."""
    original: Any = completed(model)
    signature = estimators.describe(original)
    instances = [] if examples is None else tabular.instances(examples, signature)
    served = estimators.Model(original, signature)
    return Reference(original, signature, served, instances)


def _proven(operations: Operations, reference: Reference, compilation: Compilation) -> Program:
    """Return a program of the methods that passed."""
    passed = {proof.method for proof in compilation.methods if proof.reason is None}
    outputs = {method: at for method, at in operations.outputs.items() if method in passed}
    methods = tuple(method for method in reference.signature.methods if method in outputs)
    signature = replace(reference.signature, methods=methods)
    return Program(Operations(operations.nodes, outputs), signature)


def _failed(model: str, what: str, error: Exception, seed: int) -> Report:
    reason = f"{what}: {type(error).__name__}: {error}"
    return Report(model, Compilation(None, reason, seed=seed), error=error)
