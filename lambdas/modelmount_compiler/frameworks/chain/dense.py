"""Where a chain makes a sparse matrix a dense one, as its author's code did by `.toarray()`."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from modelmount_compiler.chain import Link
from modelmount_compiler.frameworks.chain import objects, widths
from modelmount_compiler.frameworks.chain.objects import Found
from modelmount_compiler.frameworks.chain.refusals import ambiguous

TRIED_TERMS, TERMS_EACH = 40, 4
SEED = 16


def with_arrays(chosen: Sequence[Found]) -> list[Link]:
    """Return the links of objects in their order, with `toarray` where one refuses sparse input.

    Raises:
        ModelRejected: an object answers otherwise for a dense input, and nothing says which it had.
    """
    links: list[Link] = []
    batch: Any = samples(chosen[0].value) if len(chosen) > 1 else None
    for place, each in enumerate(chosen):
        is_last = place == len(chosen) - 1 and objects.is_model(each.value)
        if sparse.issparse(batch) and _wants_dense(each, batch, chosen):
            links.append(Link("toarray"))
            batch = batch.toarray()
        links.append(each.link("model" if is_last else "step"))
        batch = None if batch is None or is_last else _transformed(each.value, batch)
    return links


def samples(step: Any) -> Any:
    """Return inputs of a step that mention what it learned; None where it takes columns."""
    kind = widths.kind_taken(step)
    if kind not in widths.SAMPLES:
        return None
    first = step.steps[0][1] if hasattr(step, "steps") else step
    terms = list(getattr(first, "vocabulary_", None) or ["a", "b"])[: 100 * TRIED_TERMS]
    rng = np.random.default_rng(SEED)
    drawn = [rng.choice(len(terms), TERMS_EACH) for _ in range(TRIED_TERMS)]
    if kind == "text":
        return [*widths.SAMPLES["text"], *(" ".join(terms[i] for i in row) for row in drawn)]
    return widths.SAMPLES[kind]


def _transformed(step: Any, batch: Any) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return step.transform(batch)
    except Exception:  # of any kind: what follows isn't known then
        return None


def _wants_dense(each: Found, batch: Any, chosen: Sequence[Found]) -> bool:
    """Whether an object refuses a sparse matrix; raises where it takes both for different."""
    ask = each.value.predict if objects.is_model(each.value) else each.value.transform
    if hasattr(each.value, "predict_proba"):
        ask = each.value.predict_proba
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names
        try:
            answer = ask(batch)
        except Exception:  # of any kind: then a dense one is tried
            return True
        if type(each.value).__module__.partition(".")[0] != "xgboost":
            return False
        if np.array_equal(answer, ask(batch.toarray())):
            return True
    names = [one.name for one in chosen]
    raise ambiguous(
        f"{each.name} of XGBoost takes the zeros of a sparse matrix for missing values, so its "
        "answer depends on whether the matrix was made dense; if not, leave out toarray",
        chosen,
        chain=[*names[:-1], "toarray", names[-1]],
    )
