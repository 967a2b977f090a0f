"""What the function `reconcile` is asked, and what it answers.

::

    {"dry_run": true, "force": true}

`dry_run` returns the plan alone. `force` believes every deletion that the listing shows. A run that
leaves uploads for a next one asks for it by `continue`, which is the next one's event.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from serving.records import verdicts
from serving.records.verdicts import HeldBack

if TYPE_CHECKING:
    from loader.reconcile.plan import Plan
    from loader.reconcile.reconciler import Run

# Runs in a row that found no room. A run waits for ten minutes, and in an hour what is under way
# counts as given up. So after these something is amiss, and the next schedule tries again.
MAX_WAITS = 7


@dataclass(frozen=True, slots=True)
class ReconcileEvent:
    """A request for a run.

    Attributes:
        waits: how many runs before this one found no room; None for the first of a row.
    """

    dry_run: bool
    force: bool
    waits: int | None

    @classmethod
    def of(cls, event: dict[str, Any]) -> Self:
        """Read an event, which may be a schedule's."""
        waits = event.get("waits")
        return cls(
            dry_run=bool(event.get("dry_run")),
            force=event.get("force") is True,
            waits=waits if isinstance(waits, int) else None,
        )


def report(plan: "Plan") -> dict[str, Any]:
    """Return what a run would do."""
    return {
        "verdicts": [],
        "plan": plan.as_json(),
        "held_back": {
            "objects": [removed.key for removed in plan.held_back],
            "reason": plan.held_back_because,
        },
        "under_way": len(plan.under_way),
        "put_off": len(plan.put_off),
    }


def answer(asked: ReconcileEvent, run: "Run") -> dict[str, Any]:
    """Return a run's verdicts, and the event of the next run where there is to be one."""
    waits = 0 if run.begun else (asked.waits or 0) + 1
    # A notice of what is held back comes once for a row of runs.
    is_first = asked.waits is None
    told = [each for each in run.verdicts if is_first or not isinstance(each, HeldBack)]
    goes_on = run.more and waits <= MAX_WAITS
    return {**verdicts.encode(told), **({"continue": {"waits": waits}} if goes_on else {})}
