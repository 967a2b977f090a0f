"""The functions of scikit-learn that a model may hold: scores, kernels, distances and scalings."""

import re
import types

from policies.modules import modules

SCORING = re.compile(
    r"chi2|auc|[a-z]\w*_(classif|deviance|distances|error|kernel|loss|regression|score|similarity)|"
    r"\w+_(corrcoef|curve|matrix|ratios?|report|support)"
)
SCALING = re.compile(
    "add_dummy_feature|binarize|label_binarize|maxabs_scale|minmax_scale|normalize|power_transform|"
    "quantile_transform|robust_scale|scale"
)
OTHER = re.compile(r"_kmeans_single_(elkan|lloyd)|check_array")
PASSING = re.compile("_passthrough_scorer")  # of searches before 1.3, which asking never calls
HOMES = {
    "sklearn.metrics": SCORING,
    "sklearn.metrics._scorer": PASSING,
    "sklearn.feature_selection": SCORING,
    "sklearn.preprocessing": SCALING,
    "sklearn.cluster._kmeans": OTHER,
    "sklearn.utils.validation": OTHER,
}


def scikit_learn() -> list[str]:
    """Return their names, as a pickle has them."""
    return sorted(
        f"{module.__name__}.{name}"
        for module in modules("sklearn")
        for home, pattern in HOMES.items()
        if f"{module.__name__}.".startswith(f"{home}.")
        for name, value in vars(module).items()
        if pattern.fullmatch(name) and _lives(value, module)
    )


def _lives(value: object, module: types.ModuleType) -> bool:
    own = getattr(value, "__module__", None) == module.__name__
    return own and callable(value) and not isinstance(value, type)
