"""Models of third-party libraries, one for each class and setting that is compiled."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import category_encoders as categories
import numpy as np
from feature_engine import discretisation, encoding, imputation, outliers, scaling, selection
from feature_engine import pipeline as engine
from feature_engine import transformation as functions
from imblearn import FunctionSampler, ensemble, over_sampling, under_sampling
from imblearn import pipeline as resampling
from mlxtend.classifier import EnsembleVoteClassifier, StackingClassifier, StackingCVClassifier
from mlxtend.regressor import StackingCVRegressor, StackingRegressor
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from tests.third_party.tables import GAPS, LABELS, MIXED, NUMBERS, TARGET, WHOLE

COLUMNS = ["city", "code", "note"]
# What is loaded and served by the original.
NOT_COMPILED = ("DropMissingData",)
BOUNDARIES = [-np.inf, 0, 1, np.inf]


@dataclass(frozen=True)
class Case:
    """One model, and what it is fitted on."""

    name: str
    model: Any
    table: Any
    target: Any = None


def all_cases() -> Iterator[Case]:
    """Yield every case."""
    for make in (_category_encoders, _feature_engine, _numbers, _imblearn, _mlxtend):
        for name, (model, table) in make().items():
            is_regression = "Regressor" in name
            yield Case(name, model, table, TARGET if is_regression else LABELS)


def _then(*steps: Any) -> Any:
    return make_pipeline(*steps, LogisticRegression())


def _category_encoders() -> dict[str, Any]:
    names = (
        "BackwardDifference BaseN Binary CatBoost Count GLMM Gray Helmert JamesStein LeaveOneOut "
        "MEstimate OneHot Ordinal Polynomial Quantile RankHot Sum Summary Target WOE"
    )
    found: dict[str, Any] = {
        f"{name}Encoder": (_then(getattr(categories, f"{name}Encoder")(cols=COLUMNS)), MIXED)
        for name in names.split()
    }
    # Encoders alone, so that their own answers are compared.
    for handling in ("value", "return_nan", "error"):
        for name in ("Target", "Ordinal", "OneHot", "Count", "WOE"):
            if name != "Count" or handling != "error":
                made = getattr(categories, f"{name}Encoder")(
                    cols=["city", "code"], handle_unknown=handling, handle_missing=handling
                )
                found[f"{name}Encoder {handling}"] = (make_pipeline(made), WHOLE)
    found["OneHotEncoder indicator"] = (
        _then(categories.OneHotEncoder(cols=["city"], handle_unknown="indicator")),
        WHOLE,
    )
    found["OneHotEncoder names"] = (_then(categories.OneHotEncoder(use_cat_names=True)), WHOLE)
    found["BaseNEncoder 3"] = (_then(categories.BaseNEncoder(base=3, cols=["code"])), NUMBERS)
    found["BinaryEncoder dropped"] = (_then(categories.BinaryEncoder(drop_invariant=True)), WHOLE)
    array = categories.TargetEncoder(cols=COLUMNS, return_df=False)
    found["TargetEncoder array"] = (_then(array, StandardScaler()), MIXED)
    found["TargetEncoder of an array"] = (
        _then(categories.TargetEncoder(cols=[1])),
        NUMBERS.to_numpy(),
    )
    found["CountEncoder shares"] = (_then(categories.CountEncoder(normalize=True)), WHOLE)
    chain = (categories.OrdinalEncoder(cols=["city"]), categories.TargetEncoder(cols=["code"]))
    found["OrdinalEncoder TargetEncoder"] = (_then(*chain), WHOLE)
    return found


def _feature_engine() -> dict[str, Any]:
    dropped = selection.DropFeatures(["note"])
    rare = encoding.RareLabelEncoder(tol=0.35, n_categories=1)
    return {
        "engine OneHot": (_then(encoding.OneHotEncoder()), WHOLE),
        "engine OneHot top": (_then(encoding.OneHotEncoder(top_categories=2)), WHOLE),
        "engine OneHot numbers": (
            _then(encoding.OneHotEncoder(variables=["code", "city"], ignore_format=True)),
            WHOLE,
        ),
        "engine Ordinal": (_then(encoding.OrdinalEncoder(encoding_method="ordered")), WHOLE),
        "engine Ordinal encode": (
            _then(encoding.OrdinalEncoder(encoding_method="arbitrary", unseen="encode")),
            WHOLE,
        ),
        "engine CountFrequency": (_then(encoding.CountFrequencyEncoder(unseen="encode")), WHOLE),
        "engine Mean": (_then(encoding.MeanEncoder(unseen="raise")), WHOLE),
        "engine WoE": (_then(encoding.WoEEncoder()), WHOLE),
        "engine RareLabel": (_then(rare, encoding.OneHotEncoder()), WHOLE),
        "engine DecisionTree": (
            _then(encoding.DecisionTreeEncoder(regression=False, random_state=0)),
            WHOLE,
        ),
        "engine MeanMedian": (_then(dropped, imputation.MeanMedianImputer()), GAPS),
        "engine Categorical": (
            _then(
                imputation.AddMissingIndicator(),
                imputation.MeanMedianImputer(variables=["gap"]),
                imputation.CategoricalImputer(),
                encoding.OneHotEncoder(),
            ),
            GAPS,
        ),
        "engine ArbitraryNumber": (_then(imputation.ArbitraryNumberImputer(-9), dropped), GAPS),
        "engine EndTail": (_then(imputation.EndTailImputer(), dropped), GAPS),
        "engine Pipeline": (
            engine.Pipeline(
                [
                    ("fill", imputation.MeanMedianImputer()),
                    ("drop", dropped),
                    ("model", LogisticRegression()),
                ]
            ),
            GAPS,
        ),
        "DropMissingData": (
            engine.Pipeline(
                [
                    ("rows", imputation.DropMissingData()),
                    ("drop", dropped),
                    ("model", LogisticRegression()),
                ]
            ),
            GAPS,
        ),
    }


def _numbers() -> dict[str, Any]:
    some = ["number", "above"]
    tree = {"regression": False, "random_state": 0, "variables": some}
    steps = {
        "EqualWidth": discretisation.EqualWidthDiscretiser(bins=5),
        "EqualFrequency": discretisation.EqualFrequencyDiscretiser(q=4, variables=some),
        "Arbitrary": discretisation.ArbitraryDiscretiser({"number": BOUNDARIES}),
        "Arbitrary ignore": discretisation.ArbitraryDiscretiser({"number": [-9, 0, 9]}),
        "GeometricWidth": discretisation.GeometricWidthDiscretiser(variables=["above"]),
        "DecisionTree": discretisation.DecisionTreeDiscretiser(**tree),
        "DecisionTree bins": discretisation.DecisionTreeDiscretiser(
            **tree, bin_output="bin_number", precision=None
        ),
        "Winsorizer": outliers.Winsorizer(capping_method="iqr", tail="both"),
        "MeanNormalization": scaling.MeanNormalizationScaler(),
        "Log": functions.LogTransformer(variables=["above"]),
        "LogCp": functions.LogCpTransformer(variables=["number"]),
        "Power": functions.PowerTransformer(variables=["above"]),
        "Reciprocal": functions.ReciprocalTransformer(variables=["above"]),
        "DropConstant": selection.DropConstantFeatures(),
        "DropCorrelated": selection.DropCorrelatedFeatures(),
    }
    found = {f"engine {name}": (_then(step), NUMBERS) for name, step in steps.items()}
    objects = discretisation.EqualFrequencyDiscretiser(
        q=4, variables=["number"], return_object=True
    )
    found["engine EqualFrequency objects"] = (_then(objects, encoding.OneHotEncoder()), NUMBERS)
    return found


def _imblearn() -> dict[str, Any]:
    smote = over_sampling.SMOTE(random_state=0)
    encoded = (categories.TargetEncoder(cols=COLUMNS), smote, StandardScaler())
    forest = RandomForestClassifier(5, random_state=0)
    inner = resampling.make_pipeline(over_sampling.SMOTE(random_state=0), LogisticRegression())
    found = {
        "imblearn first": (resampling.make_pipeline(smote, LogisticRegression()), NUMBERS),
        "imblearn encoded": (resampling.make_pipeline(*encoded, forest), MIXED),
        "imblearn array": (
            resampling.make_pipeline(
                StandardScaler(),
                FunctionSampler(),
                under_sampling.TomekLinks(),
                LogisticRegression(),
            ),
            NUMBERS.to_numpy(),
        ),
        "imblearn nested": (make_pipeline(StandardScaler(), inner), NUMBERS),
    }
    for name in ("BalancedRandomForest", "EasyEnsemble", "BalancedBagging", "RUSBoost"):
        model = getattr(ensemble, f"{name}Classifier")(n_estimators=5, random_state=0)
        found[f"imblearn {name}"] = (model, NUMBERS)
    return found


def _mlxtend() -> dict[str, Any]:
    members = [LogisticRegression(), DecisionTreeClassifier(max_depth=3, random_state=0)]
    last = LogisticRegression()
    regressors = [Ridge(), RandomForestRegressor(3, random_state=0)]
    array = NUMBERS.to_numpy()
    return {
        "mlxtend vote": (EnsembleVoteClassifier(members, voting="soft", weights=[1, 2]), array),
        "mlxtend majority": (EnsembleVoteClassifier(members), array),
        "mlxtend Stacking": (StackingClassifier(members, meta_classifier=last), NUMBERS),
        "mlxtend Stacking shares": (
            StackingClassifier(
                members,
                meta_classifier=last,
                use_probas=True,
                average_probas=True,
                use_features_in_secondary=True,
            ),
            array,
        ),
        "mlxtend StackingCV": (
            StackingCVClassifier(
                members,
                meta_classifier=last,
                use_probas=True,
                drop_proba_col="last",
                random_state=0,
            ),
            array,
        ),
        "mlxtend StackingRegressor": (
            StackingRegressor(regressors, Ridge(), use_features_in_secondary=True),
            NUMBERS,
        ),
        "mlxtend StackingCVRegressor": (
            StackingCVRegressor(regressors, Ridge(), random_state=0),
            array,
        ),
    }
