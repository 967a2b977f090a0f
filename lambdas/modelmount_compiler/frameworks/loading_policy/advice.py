"""Says what to do about the names for which a model is refused."""

import sys
from collections.abc import Iterable
from importlib.util import find_spec

from modelmount_compiler.errors import OWN_CODE

OWN = ("__main__", "__mp_main__")
# What to do, by the beginning of a name; the first that fits counts.
BY_NAME = (
    (
        "imblearn.",
        "The environment extras has imbalanced-learn. Where it isn't built in: samplers do nothing "
        "when a model is asked. Rebuild the pipeline of its fitted steps: "
        "sklearn.pipeline.Pipeline([(n, s) for n, s in model.steps if not hasattr(s, "
        "'fit_resample')]).",
    ),
    *(
        (f"{package}.", f"The environment extras has {package}.")
        for package in ("category_encoders", "feature_engine", "skrub", "mlxtend")
    ),
    ("sklearn_pandas.", "The environment extras-1.6 has sklearn-pandas."),
    (
        "scipy.stats.",
        "A search keeps the distributions that it drew from. Save what it found: "
        "search.best_estimator_.",
    ),
    ("operator.", "operator.itemgetter with names or positions is taken."),
    (
        "pandas.",
        "Data frames and Series are no part of a model: hand over lists or arrays, and save the "
        "model without them.",
    ),
    (
        "builtins.getattr",
        "A method that is kept as a value was saved by its name. Histogram boosting keeps one with "
        'early_stopping and scoring: fit it with scoring="loss".',
    ),
)


def advice(names: Iterable[str]) -> str:
    """Return sentences about names that no model here needs."""
    found = list(names)
    packages = sorted({name.partition(".")[0] for name in found})
    foreign = [each for each in packages if each not in OWN and not is_installed(each)]
    texts = [text for prefix, text in BY_NAME if any(name.startswith(prefix) for name in found)]
    if foreign:
        are = "isn't" if len(foreign) == 1 else "aren't"
        texts.append(
            f"{', '.join(foreign)} {are} installed here: models are of scikit-learn, XGBoost, "
            "LightGBM and CatBoost, or in ONNX, which other libraries can export."
        )
    return " ".join([*texts, OWN_CODE])


def is_installed(package: str) -> bool:
    """Whether there is a package; nothing of it is imported."""
    try:
        return package in sys.stdlib_module_names or find_spec(package) is not None
    except (ImportError, ValueError):
        return False
