"""The LightGBM runtime: loads text files into the estimator that fits the objective."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from sklearn.preprocessing import LabelEncoder

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks import lightgbm_categories
from modelmount_compiler.frameworks import sklearn as estimators
from modelmount_compiler.frameworks.boosting import Refused
from modelmount_compiler.program.operations.preprocessing import category_codes

PACKAGES = ("lightgbm", "scikit-learn", "numpy", "scipy", "pandas")
describe = estimators.describe
Model = estimators.Model

CLASSES = ("binary", "multiclass", "multiclassova")
RANKS = ("lambdarank", "rank_xendcg")
OBJECTIVE = re.compile(r"^objective=(\w+)", re.MULTILINE)


def load(path: Path, fmt: str) -> lightgbm.LGBMModel:
    """Load a file that `Booster.save_model` wrote.

    Raises:
        ModelRejected: LightGBM can't read it.
    """
    if not _is_whole(path):
        raise ModelRejected(
            "CORRUPT_FILE",
            f"LightGBM {lightgbm.__version__} can't read it as {fmt}: it ends too early. "
            "Upload the file that Booster.save_model wrote once more.",
        )
    try:
        booster = lightgbm.Booster(model_file=path)
    except (lightgbm.basic.LightGBMError, ValueError) as error:
        raise ModelRejected(
            "CORRUPT_FILE",
            f"LightGBM {lightgbm.__version__} can't read it as {fmt}: {error}",
        ) from error
    return _estimator_of(booster)


def _is_whole(path: Path) -> bool:
    """Whether no section is cut off; LightGBM aborts the process over one that is."""
    text = path.read_bytes()
    trees = text.find(b"\nend of trees")
    parameters = text.find(b"\nparameters:", max(trees, 0))
    ends = parameters < 0 or text.find(b"\nend of parameters", parameters) >= 0
    return trees >= 0 and ends


def as_estimator(loaded: Any) -> Any:
    """Return the estimator for a bare Booster; return anything else as it is of this release."""
    if isinstance(loaded, lightgbm.Booster):
        return _estimator_of(loaded)
    if getattr(loaded, "_n_classes", -1) is None:  # as release 3 saves what has no classes
        loaded._n_classes = -1
    return loaded


def is_fitted(estimator: lightgbm.LGBMModel) -> bool:
    """Whether an estimator was fitted."""
    return estimator._Booster is not None


def feature_names(estimator: lightgbm.LGBMModel) -> tuple[str, ...] | None:
    """Return the column names that an estimator was fitted with, or None."""
    return _names(estimator.booster_)


def categories(estimator: lightgbm.LGBMModel) -> dict[int, tuple[Any, ...]]:
    """Return the fitted categories by the position of their column, or their codes."""
    return lightgbm_categories.codes(estimator.booster_) | known_categories(estimator.booster_)


def refused(estimator: lightgbm.LGBMModel) -> Refused:
    """Return which unknown categories are refused, as `lightgbm_categories.Pairing` says."""
    pairing = lightgbm_categories.pairing(estimator.booster_)
    if pairing.strict:
        return "all"
    return "numbers" if pairing.no_numbers else "none"


def frame_converter(estimator: lightgbm.LGBMModel) -> Callable[[Any], Any]:
    """Return a function that makes columns numbers, or categories in the order of the fit.

    Unknown categories become missing values, as LightGBM treats them, unless the model leaves
    open which columns have categories.
    """
    import pandas as pd  # noqa: PLC0415 (models of plain numbers don't need it)

    pairing = lightgbm_categories.pairing(estimator.booster_)
    fitted, codes = pairing.known, encoding(pairing)

    def convert(batch: Any) -> Any:  # a data frame
        matrix = codes(batch.to_numpy(dtype=object).tolist())
        frame = pd.DataFrame(matrix, columns=batch.columns)
        for position, names in fitted.items():
            places = np.nan_to_num(matrix[:, position], nan=-1).astype(np.intp)
            index: Any = pd.Index(names)
            frame.isetitem(position, pd.Categorical.from_codes(places, categories=index))
        return frame

    return convert


def known_categories(booster: lightgbm.Booster) -> dict[int, tuple[Any, ...]]:
    """Return the categories of each categorical column of the data frame at the fit.

    Raises:
        ModelRejected: the model doesn't say which columns are categorical.
    """
    return lightgbm_categories.pairing(booster).known


def encoding(pairing: lightgbm_categories.Pairing) -> category_codes.FittedCodes:
    """Return the operation that makes rows numbers."""
    known = pairing.known
    return category_codes.FittedCodes(
        tuple(known), tuple(known.values()), pairing.no_numbers, pairing.strict
    )


def use_one_thread(estimator: lightgbm.LGBMModel) -> None:
    """Make an estimator answer in the calling thread."""
    estimator.n_jobs = 1


def _names(booster: lightgbm.Booster) -> tuple[str, ...] | None:
    names = tuple(booster.feature_name())
    return None if names == tuple(f"Column_{i}" for i in range(len(names))) else names


def _estimator_of(booster: lightgbm.Booster) -> lightgbm.LGBMModel:
    """Return an estimator around a Booster; LightGBM has no public way to make one.

    Its classes are numbers from 0, because a Booster is fitted on such numbers.
    """
    found = OBJECTIVE.search(booster.model_to_string(num_iteration=1))
    objective = found[1] if found else None
    if objective in CLASSES:
        estimator = lightgbm.LGBMClassifier(n_jobs=1)
        estimator._n_classes = max(booster.num_model_per_iteration(), 2)
        estimator._classes = np.arange(estimator._n_classes)
        estimator._le = LabelEncoder().fit(estimator._classes)
    else:
        ranks = objective in RANKS
        estimator = (lightgbm.LGBMRanker if ranks else lightgbm.LGBMRegressor)(n_jobs=1)
    estimator._Booster = booster
    estimator._objective = objective
    estimator._n_features = estimator._n_features_in = booster.num_feature()
    estimator._fitted_with_feature_names = _names(booster) is not None
    estimator.fitted_ = True
    return estimator
