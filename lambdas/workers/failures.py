"""The ways in which a worker fails, each with a text that follows the model's name."""

import signal


class WorkerFailed(Exception):
    """The worker gave no answer. The text says what it did, such as "crashed (SIGSEGV)".

    Attributes:
        count: how many failures it counts for.
    """

    count = 1


class Crashed(WorkerFailed):
    """The process ended, or sent what is no answer."""


class TimedOut(WorkerFailed):
    """No answer came before the deadline."""

    count = 2  # each took a caller's whole time


class NotStarted(WorkerFailed):
    """There is no worker yet: their parent is at work, or couldn't be started."""

    count = 0  # which isn't the model's fault


class OutOfMemory(WorkerFailed):
    """It took more memory than it may."""


def by_status(status: int | None) -> WorkerFailed:
    """Return the failure of a process that ended with this exit code; signals are negative."""
    if status is None:
        return Crashed("ended")
    if status == -signal.SIGKILL:
        return OutOfMemory("was killed, most likely for lack of memory")
    if status < 0:
        return Crashed(f"crashed ({signal.Signals(-status).name})")
    return Crashed(f"ended its process with exit code {status}")
