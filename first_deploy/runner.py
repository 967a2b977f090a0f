"""Asks the checks in order, and destroys the stage whatever happened."""

import time
from collections.abc import Callable, Sequence

from first_deploy.check import Check
from first_deploy.checks import deployment as deploying
from first_deploy.result import Differs, Result
from first_deploy.stage import Stage

Tell = Callable[[str], None]
SAID_CHARACTERS = 1500
AS_EXPECTED = "as expected"


class Runner:
    """Asks checks about a stage.

    Args:
        tell: prints a line of progress.
    """

    def __init__(self, stage: Stage, checks: Sequence[Check], tell: Tell) -> None:
        self._stage = stage
        self._checks = checks
        self._tell = tell

    def run(self) -> None:
        """Ask each check that wasn't asked yet; results are in the journal."""
        if deploying.DESTROYED.number in self._stage.journal.results:
            self._stage.journal.results.clear()  # that stage is gone, as far as it went
        for check in self._checks:
            done = self._stage.journal.results.get(check.number)
            if done is not None and done.outcome in (AS_EXPECTED, "left out"):
                self._tell(f"[{check.number}] {check.title}: {done.outcome}, before")
            elif check.ask is not None:
                self._tell(f"[{check.number}] {check.title} …")
                self._record(self._result(check))

    def destroy(self) -> None:
        """Destroy the stage, and tell what is left."""
        check = deploying.DESTROYED
        self._tell(f"[{check.number}] Destroying the stage …")
        begun = time.monotonic()
        try:
            left = self._stage.deployment.destroy()
        except Exception as error:
            self._record(_result(check, "failed", _said(error), begun))
            return
        outcome = "differs" if left else AS_EXPECTED
        self._record(_result(check, outcome, "; ".join(left) or "nothing", begun))
        if not left:
            self._stage.journal.close()

    def _result(self, check: Check) -> Result:
        if check.aws_alone and self._stage.deployment.is_local:
            return Result(check.number, "left out", check.aws_alone)
        results = self._stage.journal.results
        missing = [n for n in check.needs if n not in results or results[n].outcome != AS_EXPECTED]
        if missing:
            return Result(check.number, "not reached", f"check {missing[0]} is not as expected")
        return self._ask(check)

    def _ask(self, check: Check) -> Result:
        begun = time.monotonic()
        if check.ask is None:
            raise TypeError(f"Nobody asks check {check.number}.")
        try:
            return _result(check, AS_EXPECTED, check.ask(self._stage), begun)
        except Differs as differs:
            return _result(check, "differs", str(differs), begun)
        except Exception as error:
            return _result(check, "failed", _said(error), begun)

    def _record(self, result: Result) -> None:
        self._stage.journal.record(result)
        self._tell(f"    {result.outcome} ({result.seconds:.1f} s): {result.answer}")


def _result(check: Check, outcome: object, answer: str, begun: float) -> Result:
    seconds = time.monotonic() - begun
    return Result(check.number, outcome, answer[:SAID_CHARACTERS], seconds)  # type: ignore[arg-type]


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
