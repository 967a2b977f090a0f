"""Uploads with code of their own: which there are, and what the children that run it are told."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from own_code import code_folder
from own_code.definitions import Definitions
from serving.errors import UploadRejected

if TYPE_CHECKING:
    from modelmount_compiler.frameworks.runtime import Runtime

OPTION = "--own-code"
# Runtimes: of pickles that name own code, and of scripts.
PICKLED, SCRIPT = "own_code", "script"
# Refusals that own code can be the cause of.
CAUSES = ("UNSAFE_PICKLE", "UNTRUSTED_TYPE", "MISSING_CODE", "SIDE_EFFECTS")
DEFINES_MODEL_FN = re.compile(
    rb"^\s*(async\s+)?def\s+model_fn\b|^\s*from\s.*\b(model_fn|\*)|^model_fn\b", re.M
)
MOST_BYTES = 4 * 1024 * 1024
MOST_SCANNED = 2**32
WAY_OUT = (
    "Code of your own can run here where the deployment has the setting own_code=on: it lies in "
    "code/ beside the model."
)


class OwnCode(NamedTuple):
    """How a model with own code is loaded.

    Attributes:
        runtime: the name of its runtime in `workers.runtimes`.
        root: the folder of all files of the upload.
    """

    runtime: str
    root: Path

    def arguments(self) -> list[str]:
        """Return what a child is told, in front of the model's path."""
        return [OPTION, self.runtime, str(self.root)]


def taken(arguments: list[str]) -> OwnCode | None:
    """Take from a child's arguments what it is told about own code."""
    if OPTION not in arguments:
        return None
    at = arguments.index(OPTION)
    _, name, root = arguments[at : at + 3]
    del arguments[at : at + 3]
    return OwnCode(name, Path(root))


def runtime_of(own: OwnCode | None, name: str, path: Path) -> "Runtime":
    """Return the runtime that loads a model: the named one, or that of its own code."""
    from workers import runtimes  # noqa: PLC0415 (a child alone needs it)

    if own is None:
        return runtimes.prepared(name, path.parent, path)
    return runtimes.prepared(own.runtime, own.root, path)


def script(files: Path, path: Path) -> OwnCode | None:
    """Return the script that loads and asks the model, if there is one; it isn't run."""
    found = code_folder.find(files, path).script
    if found is None or found.stat().st_size > MOST_BYTES:
        return None
    return OwnCode(SCRIPT, files) if DEFINES_MODEL_FN.search(found.read_bytes()) else None


def pickled(root: Path, loaded: tuple[tuple[str, str], ...], refused: UploadRejected) -> OwnCode:
    """Return the way to load a pickle that was refused, with the code beside it.

    Raises:
        UploadRejected: it is one of several files, which a script alone knows to put together.
    """
    if len(loaded) > 1:
        raise UploadRejected(
            "OWN_CODE",
            f"Several files are one model, and have code of their own: {refused} Add "
            "code/inference.py with model_fn, which loads and asks them.",
        )
    return OwnCode(PICKLED, root)


def arguments(own: OwnCode | None) -> list[str]:
    """Return what a child is told."""
    return [] if own is None else own.arguments()


def refused_script() -> UploadRejected:
    """Return the refusal of a script where no own code runs."""
    return UploadRejected(
        "OWN_CODE",
        "code/inference.py loads and asks this model in its own way, and this deployment runs no "
        "code of uploads. Leave the script out, so that the model answers by itself; or deploy "
        "with the setting own_code=on.",
    )


def advised(refused: UploadRejected) -> UploadRejected:
    """Return a refusal with the way out that the setting is, where own code may be its cause."""
    if not refused.needs_code:
        return refused
    return UploadRejected(
        refused.rejection_code, f"{refused} {WAY_OUT}", file=refused.file, needs_code=True
    )


def refusal_of(own: OwnCode | None, code: str, reason: str, path: Path) -> dict[str, Any]:
    """Return what a child reports of a refusal: also the file that would hold what is missing."""
    told = {"code": code, "reason": reason, "needs_code": own is None and code in CAUSES}
    if own is None or code != "MISSING_CODE":
        return told
    from preparation.scan import missing_code  # noqa: PLC0415 (only a refusal needs it)

    places = code_folder.find(own.root, path).places
    missing = missing_code.of_file(path, MOST_SCANNED, Definitions(places))
    if missing:
        names = ", ".join(f"{each.module}.{each.name}" for each in missing)
        there = "no file of code/ defines" if places else "there is no code/ beside it"
        reason = f"The model needs {names}, and {there}"
        reason += (
            ". Put the file below there, with the definitions that the model was trained with."
        )
    return {**told, "reason": reason, "file": missing_code.stub(missing)}
