"""Compiles a model, verifies the program, and keeps the file of a program that passes."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from modelmount_compiler.compilation import Compilation, MethodProof
from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.program import file
from modelmount_compiler.verify import timing
from modelmount_compiler.verify.verifier import Reference, Verifier

SEED = 20
MeasureLoad = Callable[[Path], float]


def compile_to(
    target: Path,
    reference: Reference,
    *,
    seconds: float,
    seed: int = SEED,
    measure_load: MeasureLoad = timing.load_ms,
) -> Compilation:
    """Compile a model and write the program to `target` if it passes.

    The program that is verified is the one read back from its file.

    Args:
        target: path of the program's file.
        reference: the model to compile.
        seconds: limit for compiling and verifying. Short time leaves out probes, down to a
            number that proves too little. A running converter isn't interrupted.
        seed: seed of the probes.
        measure_load: returns the milliseconds in which a fresh process loads a file.

    Returns:
        the record of the compilation; it names the file, or the reason why there is none.
    """
    started = time.monotonic()
    unproven = target.with_name(f"{target.name}.unproven")
    try:
        file.write(unproven, compile_model(reference.estimator, reference.signature))
        proofs = Verifier(file.read(unproven), reference, started, seconds, seed).proofs()
        compilation = _accept(unproven, target, proofs, measure_load)
    except NotCompilable as error:
        compilation = Compilation(None, str(error))
    finally:
        unproven.unlink(missing_ok=True)
    took = round(time.monotonic() - started, 2)
    return replace(compilation, seed=seed, seconds=took, seconds_allowed=seconds)


def _accept(
    unproven: Path, target: Path, proofs: list[MethodProof], measure_load: MeasureLoad
) -> Compilation:
    """Move the file to its place, unless every method failed."""
    failed = [f"{proof.method}: {proof.reason}" for proof in proofs if proof.reason]
    if len(failed) == len(proofs):
        return Compilation(None, failed[0], tuple(proofs))
    load_ms = measure_load(unproven)
    unproven.replace(target)
    return Compilation(
        file=target.name,
        reason=None,
        methods=tuple(proofs),
        compiled_load_ms=load_ms,
        compiled_bytes=target.stat().st_size,
    )
