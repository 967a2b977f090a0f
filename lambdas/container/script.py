"""Script mode: a model with code of its own, as SageMaker's framework containers take it.

A container with one model runs its script in its own process. One with many runs each in a worker,
so that no script imports another one's modules (`own_code`).
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from container.artifacts import CODE, VERSION
from modelmount_compiler.instances import outputs
from own_code import rows
from own_code.contract import Contract
from serving.api.contract import Error, ErrorResponse, InferenceResponse
from serving.api.protocols import media, script_bodies
from serving.api.protocols.media import WRITERS
from serving.api.raw_bodies import Asked, Written
from serving.api.routing import JSON, Request, Response, Route
from serving.errors import BadRequest
from serving.records.naming import digest
from serving.repository import files
from serving.service.query import Ask

REQUIREMENTS = "requirements.txt"
INSTALLED = ".installed"


class Script:
    """A model behind the functions of its script. An error of these is a fault of the model."""

    def __init__(self, name: str, folder: Path, program: str) -> None:
        self._name = name
        self._contract = Contract(folder / CODE / program, folder)
        self.routes = (Route("/invocations", POST=self._invoke),)

    def error_body(self, error: Error) -> ErrorResponse:
        """Return code, text, field and id."""
        return ErrorResponse(error)

    def _invoke(self, request: Request, _: Mapping[str, str]) -> Response:
        accepted = request.header("accept") or ""
        asked = Asked(request.body, request.header("content-type") or JSON, accepted)
        given = self._contract.answer(asked)
        if not isinstance(given, Written):
            kind = media.canonical(media.media_type(accepted))
            kind = kind if kind in WRITERS else JSON
            prediction = rows.listed(given)
            told = InferenceResponse(self._name, VERSION, outputs.rows(prediction))
            given = Written(WRITERS[kind](told, prediction), kind)
        return Response(200, given.body, {"content-type": given.kind})


class WorkerRoutes:
    """A model whose script runs in a worker."""

    def __init__(self, ask: Ask, name: str) -> None:
        self._ask = ask
        self._name = name
        self.routes = (Route("/invocations", POST=self._invoke),)

    def error_body(self, error: Error) -> ErrorResponse:
        """Return code, text, field and id."""
        return ErrorResponse(error)

    def _invoke(self, request: Request, _: Mapping[str, str]) -> Response:
        return script_bodies.respond(self._ask, request, self._name)


def has_requirements(folder: Path) -> bool:
    """Whether packages are to be installed, which this process alone finds."""
    return (folder / CODE / REQUIREMENTS).is_file()


def install(folder: Path, scratch: Path, *, is_allowed: bool) -> None:
    """Install the packages of `code/requirements.txt`, and add them to the import path.

    Raises:
        BadRequest: that isn't allowed, or pip fails.
    """
    wanted = folder / CODE / REQUIREMENTS
    if not wanted.is_file():
        return
    if not is_allowed:
        raise BadRequest(
            f"{CODE}/{REQUIREMENTS} is there, and MODELMOUNT_ALLOW_INSTALL isn't true. Set it, or "
            "build an image with these packages and leave the file out."
        )
    target = scratch / f"packages-{digest(str(folder))}"
    with files.locked(scratch / f"{target.name}.lock"):
        if not (target / INSTALLED).exists():
            _pip("install", "--target", str(target), "--requirement", str(wanted))
            (target / INSTALLED).touch()
    sys.path.insert(0, str(target))


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (this interpreter)
    if done.returncode:
        raise BadRequest(f"{REQUIREMENTS} can't be installed: {done.stderr[-1000:].strip()}")
