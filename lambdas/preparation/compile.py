"""Compiles a described model, proves the result and reports it, in a child process.

python -m preparation.compile TARGET SECONDS RECORD [--own-code RUNTIME ROOT] PATH FORMAT
    [MODEL_JSON] [chain=CHAIN]

PATH and FORMAT are the model. Its compiled form is written to TARGET if it passes. SECONDS bound
the work from inside, and the parent kills a child that goes on. The examples of MODEL_JSON are
among the probes, and those that MLflow put beside the model. Where RECORD is `record`, answers of
the original are reported, too, with which the form is compared where it serves. CHAIN says of which
objects the model is, where these are several.
"""

import json
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from modelmount_compiler.chain import RUNTIME, Chain
from modelmount_compiler.compilation import Compilation
from modelmount_compiler.error_texts import without_traces
from modelmount_compiler.frameworks.chain import uploads
from modelmount_compiler.program.operations.trees.numpy_forest import DAMAGED
from modelmount_compiler.verify import compile_verified
from modelmount_compiler.verify.verifier import Reference
from preparation import chained, input_examples, own_code, replay, stages
from preparation.own_code import OwnCode
from preparation.replay import Recorded
from preparation.sandbox import note, report
from preparation.stages import Progress
from serving.errors import UploadRejected
from serving.formats import model_json
from serving.formats.model_formats import RUNTIMES
from serving.records import codec

# Starting and importing may have taken this long before time is counted here.
STARTING_SECONDS = 3.0
UNWATCHED = Progress(lambda _: None)


class Overdue(BaseException):
    """The time is up. It is no `Exception`, so that no library's `except` swallows it."""


def main(
    target: Path,
    seconds: float,
    path: Path,
    fmt: str,
    listing: Path | None = None,
    *,
    way: Chain | OwnCode | None = None,
    records: bool = False,
) -> None:
    """Compile within limits and report; a model without a compiled form is no error.

    What is wrong with the original itself is a refusal.
    """
    examples = model_json.loads(listing.read_bytes()).examples if listing else ()
    instances = [instance for example in examples for instance in example.instances]
    try:
        answers: list[Recorded] = []
        keep = answers.append if records else None
        compilation = attempt(path, fmt, target, seconds, instances, Progress(note), keep, way)
        found: dict[str, Any] = {"compilation": codec.encode(compilation)}
        if answers:
            found["recorded"] = codec.encode(answers[0])
    except UploadRejected as error:
        found = {"rejected": {"code": error.rejection_code, "reason": str(error)}}
    report(json.dumps(found).encode())


def attempt(
    path: Path,
    fmt: str,
    target: Path,
    seconds: float,
    examples: list[Any],
    progress: Progress = UNWATCHED,
    keep: Callable[[Recorded], None] | None = None,
    chain: Chain | OwnCode | None = None,
) -> Compilation:
    """Compile the model within the time and memory, or return the reason why that failed.

    Raises:
        UploadRejected: the original hangs, or is damaged.
    """
    started = time.monotonic()
    before = signal.signal(signal.SIGALRM, _stop)
    left = max(seconds - STARTING_SECONDS, 0.8 * seconds)
    signal.setitimer(signal.ITIMER_REAL, left)
    try:
        compilation = _compile((path, fmt, chain), target, left, examples, progress, keep)
        return replace(compilation, seconds_allowed=seconds)
    except Overdue:
        if progress.stage.hangs(time.monotonic()):
            raise stages.hanging(progress.stage) from None
        reason = f"compiling took longer than {seconds:.0f} s"
    except MemoryError:
        reason = "compiling needs more memory than this deployment has (memory_mb)"
    except Exception as error:
        if DAMAGED in str(error):
            raise UploadRejected("CORRUPT_FILE", f"{DAMAGED[0].upper()}{DAMAGED[1:]}.") from error
        reason = without_traces(f"compiling failed: {type(error).__name__}: {error}")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    took = round(time.monotonic() - started, 2)
    return Compilation(None, reason, seconds=took, seconds_allowed=seconds)


def _compile(
    model: tuple[Path, str, Chain | OwnCode | None],
    target: Path,
    seconds: float,
    examples: list[Any],
    progress: Progress,
    keep: Callable[[Recorded], None] | None,
) -> Compilation:
    path, fmt, way = model
    own = way if isinstance(way, OwnCode) else None
    chain = None if isinstance(way, OwnCode) else way
    name = RUNTIMES.get(fmt, fmt) if chain is None else RUNTIME
    progress.begin("loading")
    runtime = own_code.runtime_of(own, name, path)
    started = time.perf_counter()
    loaded = runtime.load(path, fmt) if own else uploads.load(path, fmt, name, chain)
    load_seconds = time.perf_counter() - started
    with progress.asking(1):
        signature = runtime.describe(loaded)
        served = runtime.Model(loaded, signature)
        ask = partial(served.infer, method=signature.methods[0])
        examples = [*examples, *input_examples.fitting(path.parent, ask)]
    reference = Reference(loaded, signature, served, examples, progress.asking)
    if keep is not None:
        keep(replay.record(loaded, served, signature, examples, progress))
    left = max(seconds - (time.perf_counter() - started), 1.0)
    return replace(
        compile_verified.compile_to(target, reference, seconds=left, measure_load=_by_the_parent),
        original_load_ms=round(load_seconds * 1000, 1),
        original_bytes=path.stat().st_size,
    )


def _by_the_parent(_path: Path) -> float:
    """Return no time: this process starts no other, and its parent measures afterwards."""
    return 0.0


def _stop(_signum: int, _frame: FrameType | None) -> None:
    raise Overdue


if __name__ == "__main__":
    given = own_code.taken(sys.argv)
    paths, _, of_several = chained.told(sys.argv[6:])
    main(
        Path(sys.argv[1]),
        float(sys.argv[2]),
        Path(sys.argv[4]),
        sys.argv[5],
        *paths,
        way=of_several or given,
        records=sys.argv[3] == "record",
    )
