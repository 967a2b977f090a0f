"""Crafted files of third-party libraries' classes, which must be refused.

python -m tests.third_party.attacks    prints which were, by name, as JSON
"""

import copyreg
import inspect
import io
import json
import pickle
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import category_encoders as categories
import numpy as np
import pandas as pd
from feature_engine.creation import MathFeatures
from imblearn import FunctionSampler
from imblearn import pipeline as resampling
from imblearn.over_sampling import SMOTE
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.frameworks.soundness import checks
from preparation.scan import pickle_scan
from serving.errors import UploadRejected
from tests.third_party.tables import LABELS, MIXED, NUMBERS


def _encoder() -> Any:
    return categories.TargetEncoder(cols=["city"]).fit(MIXED, LABELS)


def _table_as_a_model() -> Any:
    search = GridSearchCV(LogisticRegression(), {"C": [1.0]}, cv=2).fit(NUMBERS, LABELS)
    search.best_estimator_ = NUMBERS
    return search


def _table_alone() -> Any:
    return NUMBERS


class _Adding(pickle.Pickler):
    """Writes an attribute into each series that is no part of one."""

    def reducer_override(self, each: Any) -> Any:
        if not isinstance(each, pd.Series):
            return NotImplemented
        held: Any = each.__getstate__()
        state = {**held, "map": "of a stranger"}
        return copyreg.__newobj__, (type(each),), state  # type: ignore[attr-defined]


def _attribute_of_a_table() -> Any:
    written = io.BytesIO()
    _Adding(written).dump(_encoder())
    return written.getvalue()


def _short_values() -> Any:
    """Return an encoder whose table has more places in its index than values."""
    encoder = _encoder()
    table = encoder.mapping["city"]
    manager = table._mgr
    wrong: Any = pd.Series(np.zeros(1))._mgr
    state = list(manager.__getstate__())
    state[3]["0.14.1"]["blocks"][0]["values"] = np.zeros(1)
    wrong.__setstate__(tuple(state))
    table._mgr = wrong
    return encoder


def _starts_processes() -> Any:
    return categories.HashingEncoder(cols=["city"], max_process=1).fit(MIXED, LABELS)


def _method_by_name() -> Any:
    return MathFeatures(["number", "above"], func=["to_clipboard"])


def _function() -> Any:
    return resampling.make_pipeline(FunctionSampler(func=eval), LogisticRegression())


def _folder() -> Any:
    steps = [("a", SMOTE()), ("b", LogisticRegression())]
    return resampling.Pipeline(steps, memory="/tmp/of-a-stranger").fit(NUMBERS, LABELS)


def _shadow() -> Any:
    encoder = _encoder()
    encoder.transform = len
    return encoder


ATTACKS: dict[str, Callable[[], Any]] = {
    name.lstrip("_"): value
    for name, value in list(globals().items())
    if name.startswith("_")
    and inspect.isfunction(value)
    and name not in ("_encoder",)
    and getattr(value, "__module__", "") == __name__
}


def refused(model: Any) -> str:
    """Return the reason of the refusal, or nothing for a model that is taken."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.pkl"
        path.write_bytes(model if isinstance(model, bytes) else pickle.dumps(model))
        try:
            pickle_scan.scan(path, "pickle", 1 << 30)
            checks.check_loaded(runtime.load(path, "pickle"), "sklearn")
        except (UploadRejected, ModelRejected) as error:
            return str(error)
    return ""


def main() -> None:
    """Try each, and a model that must be taken."""
    warnings.simplefilter("ignore")
    found = {name: refused(make()) for name, make in ATTACKS.items()}
    sound = make_pipeline(categories.TargetEncoder(cols=["city"]), LogisticRegression())
    table = MIXED[["number", "city"]]
    print(json.dumps({"refused": found, "sound": refused(sound.fit(table, LABELS))}))


if __name__ == "__main__":
    main()
