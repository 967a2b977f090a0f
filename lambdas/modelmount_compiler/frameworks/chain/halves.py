"""What a description tells of a model that probably lacks a part."""

from typing import Any

from modelmount_compiler.chain import Chain
from modelmount_compiler.signature import Signature

BOTH = (
    "bring both: pack the files into one archive (.zip, .tar.gz), or list them in MODEL/VERSION/"
    "model.json"
)
# So many columns without names are probably the terms of a vocabulary.
MANY_COLUMNS = 200
# Models that are rarely of anything but terms.
OF_TERMS = ("MultinomialNB", "ComplementNB", "BernoulliNB")
FEW_COLUMNS = 20
SHOWN = 3


def notes(loaded: Any, chain: Chain | None, signature: Signature) -> tuple[str, ...]:
    """Return what is probably missing, and what takes no part, for people."""
    found = [_half(loaded, signature), _dummies(signature)]
    if chain is not None and chain.unused:
        found.append(f"Of the upload these take no part: {', '.join(chain.unused)[:500]}.")
    return tuple(note for note in found if note is not None)


def _half(loaded: Any, signature: Signature) -> str | None:
    name = type(loaded).__name__
    predicts = {"predict", "predict_proba", "decision_function"} & set(signature.methods)
    if not predicts and name != "Pipeline":
        text = f"{name} transforms its input, and predicts nothing. If a model stands behind it, "
        return f"{text}{BOTH}."
    width, is_matrix = signature.n_features or 0, signature.input == "matrix"
    if is_matrix and width >= (FEW_COLUMNS if name in OF_TERMS else MANY_COLUMNS):
        return (
            f"A row is {width:,} values without names. If a vectorizer makes them of a text, it is "
            f"missing here: {BOTH}, and callers send the text itself."
        )
    return None


def _dummies(signature: Signature) -> str | None:
    """Tell of columns that were made of categories by hand, such as by pandas.get_dummies."""
    groups: dict[str, list[str]] = {}
    for name in signature.columns or ():
        head, mark, _ = name.rpartition("_")
        if mark and head:
            groups.setdefault(head, []).append(name)
    types = signature.column_types
    if types is not None and any(found.kind in ("string", "category") for found in types):
        return None
    several = [names for names in groups.values() if len(names) > SHOWN - 1]
    if not several:
        return None
    shown = ", ".join(several[0][:SHOWN])
    return (
        f"Columns such as {shown} look one-hot encoded by hand, as by pandas.get_dummies: callers "
        "send 1 for the category and 0 for the others. A OneHotEncoder saved with the model takes "
        "the category itself."
    )
