"""What a pickle would do when it is loaded, gathered without doing it."""

from typing import Any

from modelmount_compiler.frameworks.loading_policy import judgement, policy
from modelmount_compiler.frameworks.loading_policy.globals import Global
from modelmount_compiler.frameworks.loading_policy.values import Made

FAULTS_AT_MOST = 5


class Record:
    """Gathers what a file's pickles would do.

    Attributes:
        named: all globals, in order.
        made: all objects that would be made.
        foreign: what calls that aren't let be would make.
        policy: that of any version, for calls are judged before the version is known.
    """

    def __init__(self) -> None:
        self.named: dict[Global, None] = {}
        self.made: list[Made] = []
        self.foreign: list[Made] = []
        self.policy = policy.of_any_version()
        self._refused: dict[str, None] = {}
        self._version: tuple[int, int] | None = None

    def noted(self, made: Made) -> Made:
        """Note an object, and return it."""
        self.made.append(made)
        return made

    def refused_call(self, function: Global) -> Made:
        """Note a call that isn't let be, and return what stands for its result."""
        self.refuse(f"it calls {function}, and a model only holds that or calls it otherwise")
        self.foreign.append(Made(str(function)))
        return self.foreign[-1]

    def refuse(self, what: str) -> None:
        """Note what isn't let be."""
        self._refused[what] = None

    def note_version(self, state: Any) -> None:
        """Note the version of scikit-learn from an estimator's state."""
        if self._version is None and type(state) is dict:
            version = state.get("_sklearn_version")
            self._version = policy.parsed(version) if type(version) is str else None

    def untrusted(self) -> list[str]:
        """Return the names that no model of the version needs."""
        allowed = policy.for_version(self._version)
        return [str(each) for each in self.named if not allowed.may_name(str(each))]

    def faults(self) -> list[str]:
        """Return the first things that aren't let be, as texts."""
        found = dict(self._refused)
        for fault in judgement.faults(self.made, policy.for_version(self._version)):
            found[fault] = None
            if len(found) >= FAULTS_AT_MOST:
                break
        return list(found)[:FAULTS_AT_MOST]
