"""Chooses the environment for an upload, and says why."""

from collections.abc import Sequence
from dataclasses import dataclass

from environments.environment import Environment
from preparation.choice import holdings, refusals
from preparation.choice.libraries import PYPI
from preparation.choice.wishes import NAMES, Wish, differing, wishes
from preparation.stated.stated import Stated
from serving.errors import UploadRejected

# Codes of refusals that another version can be the cause of.
EXPLAINED = (
    *("UNSAFE_PICKLE", "UNTRUSTED_TYPE", "CORRUPT_FILE", "LOAD_FAILED", "MISSING_CODE"),
    *("CANNOT_BE_ASKED", "NOT_FITTED", "CRASHES"),
)
MAX_REASON = 400


@dataclass(frozen=True, slots=True)
class Choice:
    """The environment that was chosen.

    Attributes:
        reason: why, in a sentence for people.
        others: libraries of which it has another minor release, which it promises to load.
    """

    environment: Environment
    reason: str
    others: tuple[str, ...] = ()

    def explained(self, error: UploadRejected) -> UploadRejected:
        """Return a refusal with the version as its reason, where another one may be the cause."""
        if not self.others or error.rejection_code not in EXPLAINED:
            return error
        return UploadRejected(
            "VERSION_SKEW",
            f"It was saved with {' and '.join(self.others)}, and doesn't load there. Save it where "
            "it was made with the library's own save_model, whose files later versions load, or "
            f"add an environment of that version ({refusals.PAGE}). What happens otherwise: "
            f"{str(error)[:MAX_REASON]}",
        )


def choose(stated: Stated, there: Sequence[Environment], named: str = "") -> Choice:
    """Return the environment that loads the upload as it was saved.

    Args:
        there: all environments, the deployment's own first.
        named: the one that the uploader names; it counts, whatever else the upload says.

    Raises:
        UploadRejected: none suits; the text says what was found, and what there is.
    """
    wanted = wishes(stated)
    if named:
        return _named(named, there, wanted)
    if several := differing(stated):
        raise refusals.several(several)
    modules = _needed(stated, there)
    suiting = [
        each
        for each in there
        if all(wish.is_met(each) for wish in wanted) and not holdings.lacks(each, modules)
    ]
    if not suiting:
        raise refusals.none_suits(wanted, modules, there)
    found = min(suiting, key=lambda each: _order(each, there, stated))
    return Choice(found, _reason(found, wanted, modules), _others(found, wanted))


def _named(name: str, there: Sequence[Environment], wanted: list[Wish]) -> Choice:
    found = next((each for each in there if each.name == name), None)
    if found is None:
        raise refusals.no_such(name, there)
    return Choice(found, "model.json names it.", _others(found, wanted))


def _needed(stated: Stated, there: Sequence[Environment]) -> list[str]:
    """Return the packages that an environment has to have; what none has is no one's to bring."""
    nowhere = set(stated.modules)
    for each in there:
        nowhere &= set(holdings.lacks(each, stated.modules))
    return [name for name in stated.modules if name not in nowhere]


def _order(each: Environment, there: Sequence[Environment], stated: Stated) -> tuple[int, ...]:
    """Return what the smallest of is chosen by: what fits best, then the deployment's, then size.

    Versions that a file beside the model gives of other libraries are wishes, and no conditions.
    """
    differ = sum(
        1
        for name, version in stated.beside.items()
        if name not in NAMES and each.version(name) not in (None, version)
    )
    is_own = each is there[0]
    return (0 if is_own else 1, differ, len(each.packages), there.index(each))


def _reason(found: Environment, wanted: list[Wish], modules: list[str]) -> str:
    texts = []
    for wish in wanted:
        has = holdings.version(found, wish.distribution)
        loads = "has" if wish.is_same(found) else "loads that with"
        texts.append(f"it was saved with {wish.text}, and this environment {loads} {has}")
    foreign = [name for name in modules if name in PYPI]
    if foreign:
        texts.append(f"it needs {', '.join(foreign)}")
    if not texts:
        return "It states no version of a library."
    text = "; ".join(texts)
    return f"{text[0].upper()}{text[1:]}."


def _others(found: Environment, wanted: list[Wish]) -> tuple[str, ...]:
    return tuple(
        f"{wish.text} (environment {found.name}: "
        f"{holdings.version(found, wish.distribution) or 'none'})"
        for wish in wanted
        if not wish.is_same(found)
    )
