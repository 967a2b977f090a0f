"""What a child does with a model, so that its parent can tell whose fault it is if it ends.

A child that crashes or hangs reports nothing. So it notes what it begins, where the report goes.
"""

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Literal

from serving.errors import UploadRejected

Doing = Literal["loading", "asking", "compiling"]

# A call that takes longer than this, and so many times longer than others did, hangs.
HANGS_SECONDS = 5.0
TIMES_LONGER = 100.0
LEAST_USUAL = 1e-3  # seconds for a row


@dataclass(frozen=True, slots=True)
class Stage:
    """What a child does.

    Attributes:
        doing: what is done with the original model; `compiling` is all that isn't about it.
        since: when it began, on the clock `time.monotonic`, which all processes share.
        rows: how many rows it is asked about.
        usual: the longest time that a row took in earlier calls, in seconds.
    """

    doing: Doing
    since: float
    rows: int = 1
    usual: float = 0.0

    def hangs(self, now: float) -> bool:
        """Whether a call takes so much longer than others did that it must hang."""
        usual = max(self.usual, LEAST_USUAL) * self.rows
        took = now - self.since
        return self.doing == "asking" and took > max(HANGS_SECONDS, TIMES_LONGER * usual)


class Progress:
    """Notes what its process does with a model.

    Args:
        note: passes the note to the parent.
    """

    def __init__(self, note: Callable[[bytes], None]) -> None:
        self._note = note
        self._usual = 0.0
        self.stage = Stage("compiling", time.monotonic())

    def begin(self, doing: Doing, rows: int = 1) -> None:
        """Note what begins now."""
        self.stage = Stage(doing, time.monotonic(), rows, self._usual)
        self._note(json.dumps(asdict(self.stage)).encode())

    @contextmanager
    def asking(self, rows: int) -> Iterator[None]:
        """Note that the original is asked; what interrupts the process leaves the note."""
        self.begin("asking", max(rows, 1))
        began = self.stage
        try:
            yield
        except Exception:
            self.begin("compiling")
            raise
        took = (time.monotonic() - began.since) / began.rows
        self._usual = max(self._usual, took)
        self.begin("compiling")


def read(noted: bytes) -> Stage | None:
    """Return what a child noted last, if it is readable: model code can write there, too."""
    try:
        found = json.loads(noted.decode().strip(" \0"))
        return Stage(
            found["doing"], float(found["since"]), int(found["rows"]), float(found["usual"])
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def refuse_if_at_fault(stage: Stage | None, exit_signal: int | None, how: str) -> None:
    """Refuse a model over which the child that compiled it ended.

    Args:
        stage: what the child noted last.
        exit_signal: the signal that ended the child; None if its time was up.
        how: how it ended, for people.

    Raises:
        UploadRejected: the original was being loaded or asked, and not its compiler at work.
    """
    if stage is None or stage.doing == "compiling":
        return
    if exit_signal is None:
        if stage.hangs(time.monotonic()):
            raise hanging(stage)
        return
    if exit_signal == signal.SIGKILL and stage.doing == "loading":
        return  # the compiler's own needs came on top
    verb = "loaded" if stage.doing == "loading" else f"asked about {stage.rows} rows"
    raise UploadRejected(
        "CRASHES",
        f"The model ends its process: it was {verb} when that happened. {how} Inference would end "
        "in the same way, so it isn't served. Save the model once more with the versions of this "
        "deployment, and upload that file.",
    )


def hanging(stage: Stage) -> UploadRejected:
    """Return the refusal of a model that doesn't answer."""
    return UploadRejected(
        "HANGS",
        f"The model hangs: asked about {stage.rows} rows it hadn't answered after "
        f"{time.monotonic() - stage.since:.0f} s, and others took no more than "
        f"{max(stage.usual, LEAST_USUAL):.3f} s each. Save the model once more with the versions "
        "of this deployment, and upload that file.",
    )
