"""What happens to one file, as in the preparer's children and then in inference."""

import contextlib
import logging
import re
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from modelmount_compiler.errors import InputMismatch, ModelRejected
from modelmount_compiler.frameworks.program_model import ProgramModel
from modelmount_compiler.frameworks.runtime import import_runtime
from modelmount_compiler.independence import Independence
from modelmount_compiler.instances import tensor_samples
from modelmount_compiler.program import file
from modelmount_compiler.signature import Signature
from preparation import company
from preparation.describe import describe, refusal_of
from preparation.scan.pickle_scan import scan
from serving.errors import UploadRejected
from serving.formats.file_names import FORMATS
from serving.formats.model_formats import RUNTIMES, recognise

MEMORY = 3 * 2**30
FILLS = (0.0, 1.0, -1.0, 1e300, -1e300, float("nan"), 2.5)
TEXTS = ("", "good fine", "nice bad poor unknown", "x" * 1000)
# What no refusal shows: places on the server, and traces of libraries.
SECRETS = re.compile(
    r"/tmp/|/work/|/usr/|/var/|/home/|/opt/|site-packages|Traceback|Stack trace|\[bt\]|"
    r"\.(cc|cpp|h|pyx):\d|File \"|\.py\b.*line \d"
)
SHORTEST = 20
SINGLE_ROWS = 5
RECOGNISE_SECONDS = 2.0
NOT_ASKED = Independence("unknown", 0, "it wasn't asked in company")
Note = Callable[[str], None]


def travel(path: Path, fmt: str, note: Note, *, is_whole: bool) -> str:
    """Prepare a file and, if it is accepted, ask it as inference does.

    Args:
        note: is told each stage before it begins: `prepare`, `inference`.
        is_whole: whether its rows are asked in company too, which takes most of the time. It only
            ever refuses more.

    Returns:
        the code of a refusal, `served`, or `BAD REASON …` for a refusal without a good reason.
    """
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    note("prepare")
    try:
        if fmt in ("joblib", "pickle"):
            scan(path, fmt, MEMORY)
        with contextlib.nullcontext() if is_whole else ALONE:
            description = describe(path, fmt)
    except Exception as error:
        code, reason = refusal_of(error, fmt)
        if len(reason) < SHORTEST or SECRETS.search(reason):
            return f"BAD REASON {reason[:300]}"
        return code
    note("inference")
    infer(path, fmt, description.signature)
    return "served"


ALONE = patch.object(company, "ask", lambda *_: NOT_ASKED)


def recognised(path: Path, number: int) -> str:
    """Recognise a file under one of all names, as the preparer does in its own process.

    Returns:
        the format, the code of a refusal, or `FAULT …` for any other error, and for long work.
    """
    extensions = sorted(FORMATS)
    named = path.with_suffix(extensions[number % len(extensions)])
    path.replace(named)
    started = time.process_time()
    try:
        told = recognise(named)
    except UploadRejected as error:
        told = error.rejection_code
        if len(str(error)) < SHORTEST or SECRETS.search(str(error)):
            return f"BAD REASON {str(error)[:300]}"
    except Exception as error:
        return f"FAULT {type(error).__name__} while the format was recognised: {error}"
    took = time.process_time() - started
    return f"FAULT it took {took:.1f} s" if took > RECOGNISE_SECONDS else told


def load_program(path: Path, note: Note) -> str:
    """Load a compiled form as inference does, in its own process, and ask it.

    Whoever got code to run in the preparer's child could write any compiled form.

    Returns:
        `refused`, `served`, or `FAULT …` where it takes memory without bounds.
    """
    logging.disable(logging.CRITICAL)
    note("inference")
    try:
        program, signature = file.read_with_signature(path)
        if signature is None:
            return "refused"
        batches = _batches(signature)
    except MemoryError:
        return "FAULT it takes memory without bounds when it is loaded"
    except Exception:  # the original serves in its place
        return "refused"
    model = ProgramModel(program, signature)
    for method in signature.methods:
        for batch in batches:
            try:
                model.infer(batch, method)
            except MemoryError:
                return "FAULT it takes memory without bounds when it is asked"
            except Exception:  # a 4xx or 5xx for its own callers
                continue
    return "served"


def infer(path: Path, fmt: str, signature: Signature) -> None:
    """Load a file as inference does, and ask about rows that the preparer hasn't asked about."""
    runtime = import_runtime(RUNTIMES[fmt])
    model = runtime.Model(runtime.load(path, fmt), signature)
    for method in signature.methods:
        for batch in _batches(signature):
            try:
                model.infer(batch, method)
            except (InputMismatch, ModelRejected, UploadRejected):
                continue
            except Exception:  # a 500 for this caller, which is no end of the process
                continue


def _batches(signature: Signature) -> list[list[Any]]:
    if signature.input == "text":
        return [list(TEXTS), *([text] for text in TEXTS)]
    if signature.input == "tensors" and signature.tensors is not None:
        made = tensor_samples.instances(signature.tensors)
        return [made, *([instance] for instance in made)]
    width = len(signature.columns) if signature.columns else signature.n_features or 1
    if width > 10_000:
        return [[[0.0] * width]]
    rng = np.random.default_rng(7)
    rows: list[Any] = [[fill] * width for fill in FILLS]
    rows += (rng.normal(size=(150, width)) * 3).tolist()
    rows += (rng.normal(size=(50, width)) * 1e6).tolist()
    rows += rng.integers(-2, 40, size=(50, width)).astype(float).tolist()
    if signature.columns:
        rows = [dict(zip(signature.columns, row, strict=True)) for row in rows]
        for row in rows[: len(rows) // 2]:
            row.update({name: "k1" for name in signature.columns if name in ("k", "l")})
    return [rows, rows[:50], *([row] for row in rows[:SINGLE_ROWS])]
