"""The server of the container (docs/container.md), asked and run as a program of its own."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# The server's code, which a clone of the repository has and the wheel has not.
CODE = Path(__file__).resolve().parents[1] / "lambdas"
NO_CODE = (
    "This command needs the container's server, which the installed package doesn't have. "
    "Clone the repository, run `make setup` there, and use its bin/modelmount."
)
# As docker/Dockerfile has it.
IMAGE = {
    "HF_HUB_OFFLINE": "1",
    "JOBLIB_MULTIPROCESSING": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONUNBUFFERED": "1",
}
# https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
PR_SET_PDEATHSIG = 1
CHECK_SECONDS = 60
ASKED_SECONDS = 10
# No proxy: it is this machine that is asked.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class UnusableModel(Exception):
    """The container couldn't serve this; the text says what to do."""


def check(folder: Path) -> str:
    """Ask what a folder is served as: `script`, `text`, `version` or `model`.

    Raises:
        UnusableModel: as nothing, or the server isn't here.
    """
    if not CODE.is_dir():
        raise UnusableModel(NO_CODE)
    done = subprocess.run(  # noqa: S603 (this interpreter, our own program)
        [sys.executable, "-m", "container", "check", str(folder.resolve())],
        cwd=CODE,
        env={**os.environ, **IMAGE},
        capture_output=True,
        text=True,
        check=False,
        timeout=CHECK_SECONDS,
    )
    if done.returncode:
        # Nobody has to know of a folder that was made for the check.
        said = done.stderr.strip().replace(str(folder.resolve()), "the model")
        raise UnusableModel(said)
    return done.stdout.strip()


def start(variables: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start the server, in a session of its own: Ctrl-C reaches its parent alone.

    On Linux the server also ends when its parent was killed outright.
    """
    # Found here, since little may be done between fork and exec.
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    return subprocess.Popen(
        [sys.executable, "-m", "container", "serve"],
        cwd=CODE,
        env={**os.environ, **IMAGE, **variables},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        # One call of C, in a process of one thread.
        preexec_fn=prctl and (lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM)),  # noqa: PLW1509 (as above)
    )


def get(url: str) -> tuple[int, Any]:
    """Return status and JSON of what the server answers; 0 where it doesn't listen yet."""
    try:
        with _opener.open(url, timeout=ASKED_SECONDS) as answer:
            status, body = int(answer.status), answer.read()
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read()
    except OSError:
        return 0, {}
    return status, json.loads(body or b"{}")
