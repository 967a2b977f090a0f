"""Refusals for want of an environment: what was found, what there is, and how to add one."""

from collections.abc import Iterable, Sequence

from environments.environment import Environment
from preparation.choice import holdings
from preparation.choice.libraries import PYPI
from preparation.choice.wishes import NAMES, Wish
from preparation.stated.stated import SCIKIT_LEARN, Stated, minor
from serving.errors import UploadRejected

MOST_TOLD = 16
PAGE = "docs/environments.md"
# Older ones have no build for a Python on which this code runs.
OLDEST = (1, 1)


def none_suits(
    wanted: Sequence[Wish], modules: Sequence[str], there: Sequence[Environment]
) -> UploadRejected:
    """Return the refusal of an upload that no environment loads."""
    foreign = [name for name in modules if name in PYPI]
    saved = " and ".join(wish.text for wish in wanted)
    found = f"It was saved with {saved}" if saved else "It was saved"
    found += f", with {', '.join(foreign)}" if foreign else ""
    told = [wish.distribution for wish in wanted] + [PYPI[name] for name in foreign]
    return UploadRejected(
        "VERSION_SKEW",
        f"{found}, and no environment here loads that. {_there(there, told)} {_to_do(wanted)}",
    )


def several(versions: Sequence[str]) -> UploadRejected:
    """Return the refusal of a file whose parts are of several minor releases."""
    return UploadRejected(
        "VERSION_SKEW",
        f"Its parts were saved with scikit-learn {', '.join(versions)}, and no environment loads "
        "several. Load all of it with one of these versions, check its answers, and save it again.",
    )


def no_such(name: str, there: Sequence[Environment]) -> UploadRejected:
    """Return the refusal of an upload that names an environment which isn't here."""
    return UploadRejected(
        "UNKNOWN_ENVIRONMENT",
        f"model.json names the environment {name!r:.80}, which isn't here. {_there(there, ())} "
        f"Name one of these or none, or add it ({PAGE}).",
    )


def missing(stated: Stated, there: Sequence[Environment]) -> UploadRejected | None:
    """Return the refusal of a file that only lacks known libraries; None for any other."""
    nowhere = set(stated.modules)
    for each in there:
        nowhere &= set(holdings.lacks(each, stated.modules))
    known = sorted(name for name in nowhere if name in PYPI)
    if not known or any(name.partition(".")[0] not in known for name in stated.untrusted):
        return None
    return UploadRejected(
        "MISSING_LIBRARY",
        f"It was saved with {', '.join(known)}, which no environment here has. "
        f"{_there(there, ['scikit-learn'])} Add {', '.join(PYPI[name] for name in known)} to an "
        f"environment of this deployment: {PAGE} has the line.",
    )


def _there(there: Sequence[Environment], distributions: Iterable[str]) -> str:
    names = list(dict.fromkeys(distributions))
    texts = []
    for each in there[:MOST_TOLD]:
        has = [
            f"{NAMES.get(name, name)} {version}"
            for name in names
            if (version := holdings.version(each, name))
        ]
        texts.append(f"{each.name} ({', '.join(has)})" if has else each.name)
    return f"There is {texts[0]}." if len(texts) == 1 else f"There are {', '.join(texts)}."


def _to_do(wanted: Sequence[Wish]) -> str:
    """Return how to come to an environment, or to a model of one that is here."""
    saved = next((wish for wish in wanted if wish.distribution == SCIKIT_LEARN), None)
    if saved is None:
        return (
            f"Add an environment with that version ({PAGE} has the line), or save the model again "
            "with a version that is here."
        )
    major, second = minor(saved.version)
    if (major, second) < OLDEST:
        return (
            "No environment can have it: scikit-learn before 1.1 isn't built for Python 3.11 or "
            "later. Fit or save the model again with a version that is here."
        )
    return (
        f"Add 'sklearn-{major}.{second}' to the setting environments and deploy, or an environment "
        f"of your own ({PAGE} has the line); or save the model again with a version that is here."
    )
