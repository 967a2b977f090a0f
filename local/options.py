"""The options of `python -m local`, from the command line and the environment."""

import argparse
import errno
import logging
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from local.errors import LocalError, PortTaken

_log = logging.getLogger("local")


@dataclass(frozen=True)
class Port:
    """A port to listen on. If a default port is taken, a free one replaces it."""

    number: int
    option: str
    chosen: bool

    def bind(self) -> socket.socket:
        """Listens on loopback. Raises PortTaken."""
        try:
            return socket.create_server(("127.0.0.1", self.number))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise LocalError(f"port {self.number} ({self.option}): {error.strerror}") from error
            if self.chosen:
                raise PortTaken(
                    f"port {self.number} ({self.option}) is in use: choose another, or 0 for a "
                    "free one"
                ) from None
        _log.warning("port %d is in use: taking a free one instead", self.number)
        return socket.create_server(("127.0.0.1", 0))


@dataclass(frozen=True)
class Options:
    """The options of a run."""

    assembly: Path
    state: Path
    api_port: Port
    s3_port: Port
    max_processes: int
    retry_delay: float
    sagemaker_server: str | None
    auth: Literal["none", "template"] = "none"


def parse(arguments: Sequence[str], environ: Mapping[str, str]) -> Options:
    """Reads the options. Raises LocalError for a bad value in the environment."""
    parser = _parser()
    given = parser.parse_args(arguments)
    return Options(
        assembly=given.assembly,
        state=given.state,
        api_port=_port("API_PORT", given.api_port, environ, 8000),
        s3_port=_port("S3_PORT", given.s3_port, environ, 9000),
        max_processes=given.max_processes,
        retry_delay=given.retry_delay,
        sagemaker_server=given.sagemaker_server or environ.get("SAGEMAKER_SERVER") or None,
        auth=_auth(environ.get("API_AUTH") or "none"),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    add = parser.add_argument
    add("--assembly", type=Path, default=Path("cdk.out"), help="the synthesized assembly")
    add("--state", type=Path, default=Path(".local"), help="the folder for all that persists")
    add("--api-port", type=_port_number, help="API_PORT; default 8000; 0: a free one")
    add("--s3-port", type=_port_number, help="S3_PORT; default 9000; 0: a free one")
    add(
        "--max-processes", type=_positive, default=4,
        help="processes of one function at most (default 4)",
    )  # fmt: skip
    add(
        "--retry-delay", type=float, default=1.0,
        help="seconds before an event's first retry, twice that before the second "
        "(default 1; Lambda waits 60 and 120)",
    )  # fmt: skip
    add(
        "--sagemaker-server",
        help="SAGEMAKER_SERVER; a command that stands in for the container of every variant on "
        "SageMaker; default: the entry point of the variant's own image",
    )
    return parser


def _auth(value: str) -> Literal["none", "template"]:
    match value:
        case "none" | "template":
            return value
    raise LocalError(
        f"API_AUTH={value}: allowed are none (the API is open) and template (signatures, API keys "
        "and limits as the template has them)"
    )


def _port(name: str, given: int | None, environ: Mapping[str, str], default: int) -> Port:
    if given is not None:
        return Port(given, f"--{name.lower().replace('_', '-')}", chosen=True)
    value = environ.get(name)
    if not value:
        return Port(default, name, chosen=False)
    try:
        return Port(_port_number(value), name, chosen=True)
    except argparse.ArgumentTypeError as error:
        raise LocalError(f"{name}: {error}") from None


def _port_number(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to 65535)")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 1 or more")
    return int(text)
