"""Random sequences of uploads, deletions and operations, compared with a reference model."""

import os
import shutil

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from loader.bucket.events import ObjectEvent
from serving.records.verdicts import Candidate, Rejected, Removed
from serving.repository.repository import Repository
from tests.lambdas.crash.properties.functions import Functions, moment
from tests.lambdas.crash.properties.lost_events import LostEvents
from tests.lambdas.crash.properties.state_machine import Loader

SEQUENCES = int(os.environ.get("CRASH_SEQUENCES", "270"))  # of each machine
HOURS = 7200  # longer than what is on its way is waited for


class ThriftyLoader(Loader):
    """Few versions are retained."""

    retain = 2


class ReconciledLoader(Loader):
    """Reconcile runs now and then, and at the end, when all unhandled events are lost.

    A listing gives times in whole seconds and no order within one, so a deletion has its own.
    """

    apart = 1

    @rule(seconds=st.sampled_from([1, HOURS]))
    def reconcile(self, seconds: int) -> None:
        self.clock += seconds
        now = moment(self.clock)
        self.verdicts += self.functions.reconcile(self.functions.plan(now), now)

    def finish(self) -> None:
        self._check_that_lost_events_are_made_up_for()
        super().finish()

    def _check_that_lost_events_are_made_up_for(self) -> None:
        self.clock += HOURS
        now = moment(self.clock)
        story = LostEvents(self.bucket, self.events, self._lost())
        delivered = story.delivered(self._twin("delivered"))
        assert story.reconciled(self._twin("reconciled"), now) == delivered

    def _lost(self) -> list[ObjectEvent]:
        """Return the events that nobody has handled to the end."""
        begun = {v.source.version_id for v in self.verdicts if isinstance(v, Candidate | Rejected)}
        removals = {v.sequencer for v in self.verdicts if isinstance(v, Removed)}
        return [
            event
            for event in self.events
            if event in self.late
            or (event.sequencer in removals if event.is_removal else event.version_id in begun)
        ]

    def _twin(self, name: str) -> Functions:
        root = self.folder / name
        if self.root.is_dir():
            shutil.copytree(self.root, root, symlinks=True)
        return Functions(Repository(root), self.bucket, self.bad, self.retain)


class ThriftyReconciledLoader(ReconciledLoader):
    """Both."""

    retain = 2


SETTINGS = settings(
    max_examples=SEQUENCES,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestAllRetained = Loader.TestCase
TestAllRetained.settings = SETTINGS
TestFewRetained = ThriftyLoader.TestCase
TestFewRetained.settings = SETTINGS
TestAllRetainedAndReconciled = ReconciledLoader.TestCase
TestAllRetainedAndReconciled.settings = SETTINGS
TestFewRetainedAndReconciled = ThriftyReconciledLoader.TestCase
TestFewRetainedAndReconciled.settings = SETTINGS
