"""Bash and Python sessions that run one piece of code after the other."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from itertools import count
from pathlib import Path

SECONDS = 180
HERE = Path(__file__).parent
DONE = "done\n"
# Reads the names of files, and runs each in the same namespace.
PYTHON = """
import contextlib, pathlib, sys
namespace = {"__name__": "__main__"}
for line in sys.stdin:
    path = pathlib.Path(line.rstrip())
    code = compile(path.read_text("utf-8"), path.name, "exec")
    with path.with_suffix(".out").open("w") as output, contextlib.redirect_stdout(output):
        exec(code, namespace)
    print("done", flush=True)
"""


class Failed(AssertionError):
    """Code ended with an error; the text has the code, and what it printed."""


class Session:
    """A process that runs files of code; it ends at the first error, and so does `run`."""

    def __init__(
        self, command: list[str], folder: Path, scratch: Path, environment: Mapping[str, str]
    ) -> None:
        self._scratch = scratch
        self._numbers = count()
        self._errors = scratch / f"{Path(command[0]).name}.err"
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )

    def command(self, path: Path) -> str:
        """Return the line that has the process run a file, and say when it is done."""
        return str(path)

    def run(self, code: str) -> str:
        """Run code; return what it printed.

        Raises:
            Failed: it ended with an error, or took longer than `SECONDS`.
        """
        name = f"{type(self).__name__.lower()}-{next(self._numbers)}"
        path = self._scratch / name
        path.write_text(code, "utf-8")
        assert self._process.stdin
        assert self._process.stdout
        timer = threading.Timer(SECONDS, self.close)
        timer.start()
        try:
            self._process.stdin.write(f"{self.command(path)}\n")
            self._process.stdin.flush()
            done = self._process.stdout.readline() == DONE
        finally:
            timer.cancel()
        output = path.with_suffix(".out")
        printed = output.read_text("utf-8") if output.exists() else ""
        if not done:
            errors = self._errors.read_text("utf-8", errors="replace")[-3000:]
            raise Failed(f"This failed:\n{code}\nIt printed:\n{printed}\n{errors}")
        return printed

    def close(self) -> None:
        """End the process, and what it left in its process group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream
            stream.close()


class Bash(Session):
    """Bash with `set -eu -o pipefail`, and the stand-ins of `stand_ins.sh`."""

    def __init__(self, folder: Path, scratch: Path, environment: Mapping[str, str]) -> None:
        command = ["bash", "--noprofile", "--norc", "-eu", "-o", "pipefail", "-s"]
        super().__init__(command, folder, scratch, environment)
        self.run((HERE / "stand_ins.sh").read_text("utf-8"))

    def command(self, path: Path) -> str:
        return f". '{path}' > '{path.with_suffix('.out')}' < /dev/null; echo done"


class Python(Session):
    """Python with one namespace for all code."""

    def __init__(self, folder: Path, scratch: Path, environment: Mapping[str, str]) -> None:
        super().__init__([sys.executable, "-c", PYTHON], folder, scratch, environment)
