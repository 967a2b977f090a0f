"""Models as people save them: many kinds, each fitted anew, and every way to save one."""

import io
import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

import catboost
import joblib
import lightgbm
import numpy as np
import pandas as pd
import scipy.special
import xgboost
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import DBSCAN, BisectingKMeans, FeatureAgglomeration, KMeans
from sklearn.compose import (
    TransformedTargetRegressor,
    make_column_selector,
    make_column_transformer,
)
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA, LatentDirichletAllocation, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.feature_selection import RFE, SelectKBest, f_classif, mutual_info_classif
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import (
    LogisticRegression,
    Ridge,
    SGDClassifier,
    TweedieRegressor,
)
from sklearn.metrics import f1_score, make_scorer
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, LocalOutlierFactor
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    OneHotEncoder,
    OrdinalEncoder,
    QuantileTransformer,
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tests.lambdas.modelmount_compiler.boosted import (
    BINARY,
    CAT,
    LGB,
    XGB,
    lgb_booster,
    xgb_booster,
)

RNG = np.random.default_rng(0)
NUMBERS = RNG.normal(size=(40, 3))
LABELS = (NUMBERS[:, 0] > 0).astype(int)
NAMES = np.where(LABELS, "yes", "no").astype(object)
FRAME = pd.DataFrame(
    {
        "age": RNG.integers(1, 90, 40).astype(float),
        "town": ["Åbo", "Oulu"] * 20,
        "kind": pd.Categorical(["a", "b", "c", "a"] * 10),
    }
)
TEXTS = ["good fine nice", "bad awful poor"] * 20
LINEAR = LogisticRegression()
COLUMNS = make_column_transformer(
    (StandardScaler(), make_column_selector(dtype_include=np.number)),
    (OneHotEncoder(handle_unknown="ignore"), ["town"]),
    (OrdinalEncoder(), ["kind"]),
    remainder="passthrough",
)

ON_NUMBERS: dict[str, BaseEstimator] = {
    "logistic": LINEAR,
    "tweedie": TweedieRegressor(power=0, link="identity"),
    "sgd": SGDClassifier(random_state=np.random.RandomState(1)),
    "svc-kernel-function": SVC(kernel=rbf_kernel),
    "tree": DecisionTreeClassifier(),
    "forest": RandomForestClassifier(3, random_state=0),
    "gradient-boosting": GradientBoostingClassifier(n_estimators=3),
    "histogram-boosting": HistGradientBoostingClassifier(max_iter=3),
    "ada": AdaBoostClassifier(n_estimators=3),
    "bagging": BaggingClassifier(n_estimators=3),
    "voting": VotingClassifier([("a", LINEAR), ("b", DecisionTreeClassifier())]),
    "stacking": StackingClassifier([("a", LINEAR), ("b", GaussianNB())], cv=2),
    "kd-tree": KNeighborsClassifier(algorithm="kd_tree"),
    "ball-tree": KNeighborsClassifier(algorithm="ball_tree", metric="manhattan"),
    "mlp": MLPClassifier(5, max_iter=1000, tol=0.1),
    "discriminant": LinearDiscriminantAnalysis(),
    "gaussian-process": GaussianProcessClassifier(RBF() + WhiteKernel()),
    "calibrated-isotonic": CalibratedClassifierCV(LINEAR, cv=2, method="isotonic"),
    "calibrated-sigmoid": CalibratedClassifierCV(LINEAR, cv=2),
    "one-versus-rest": OneVsRestClassifier(LINEAR),
    "grid-search": GridSearchCV(LINEAR, {"C": [0.1, 1]}, scoring=make_scorer(f1_score), cv=2),
    "random-search": RandomizedSearchCV(LINEAR, {"C": [0.1, 1.0]}, n_iter=2, cv=KFold(2)),
    "tuned-threshold": TunedThresholdClassifierCV(LINEAR, cv=2),
    "select-best": make_pipeline(SelectKBest(f_classif, k=2), LINEAR),
    "mutual-information": make_pipeline(SelectKBest(mutual_info_classif, k=2), LINEAR),
    "elimination": RFE(LINEAR),
    "numpy-ufunc": make_pipeline(FunctionTransformer(np.expm1, np.log1p), LINEAR),
    "numpy-function": make_pipeline(
        FunctionTransformer(np.clip, kw_args={"a_min": 0, "a_max": 1}), LINEAR
    ),
    "scipy-ufunc": make_pipeline(FunctionTransformer(scipy.special.expit), LINEAR),
    "union": make_pipeline(make_union(PCA(1), StandardScaler()), LINEAR),
    "bins": make_pipeline(KBinsDiscretizer(3, quantile_method="averaged_inverted_cdf"), LINEAR),
    "splines": make_pipeline(SplineTransformer(), Ridge()),
    "quantiles": make_pipeline(QuantileTransformer(n_quantiles=10), Ridge()),
    "imputer": make_pipeline(KNNImputer(), SimpleImputer(), LINEAR),
    "target-transform": TransformedTargetRegressor(Ridge(), func=np.exp, inverse_func=np.log),
    "kmeans": KMeans(2, random_state=0),
    "bisecting": BisectingKMeans(2, random_state=0),
    "dbscan": DBSCAN(),
    "agglomeration": FeatureAgglomeration(2),
    "mixture": GaussianMixture(2),
    "isolation": IsolationForest(n_estimators=3),
    "outliers": LocalOutlierFactor(novelty=True),
    "partial-least-squares": PLSRegression(1),
    "generator-in-a-setting": DecisionTreeRegressor(random_state=np.random.RandomState(3)),
    "frame-output": make_pipeline(StandardScaler(), LINEAR).set_output(transform="pandas"),
}

BOOSTED: dict[str, Any] = {
    "xgboost": xgboost.XGBClassifier(**XGB),
    "xgboost-forest": xgboost.XGBRFClassifier(n_estimators=2),
    "lightgbm": lightgbm.LGBMClassifier(**LGB),
    "lightgbm-regression": lightgbm.LGBMRegressor(**LGB),
    "catboost": catboost.CatBoostClassifier(**CAT),
    "catboost-regression": catboost.CatBoostRegressor(**CAT),
    "boosted-pipeline": make_pipeline(StandardScaler(), lightgbm.LGBMRegressor(**LGB)),
}

FITTED: dict[str, Callable[[], object]] = {
    **{name: partial(model.fit, NUMBERS, LABELS) for name, model in BOOSTED.items()},
    "xgboost-early-stopping": lambda: xgboost.XGBClassifier(
        **XGB, callbacks=[xgboost.callback.EarlyStopping(2)]
    ).fit(NUMBERS, LABELS, eval_set=[(NUMBERS, LABELS)], verbose=False),
    "xgboost-booster": lambda: xgb_booster("binary:logistic", BINARY),
    "lightgbm-booster": lambda: lgb_booster("binary", BINARY),
    **{name: partial(model.fit, NUMBERS, LABELS) for name, model in ON_NUMBERS.items()},
    "object-labels": lambda: LINEAR.fit(NUMBERS, NAMES),
    "columns": lambda: make_pipeline(COLUMNS, LINEAR).fit(FRAME, NAMES),
    "target-encoder": lambda: make_pipeline(TargetEncoder(cv=2), LINEAR).fit(
        FRAME[["town"]], LABELS
    ),
    "frame-boosting": lambda: HistGradientBoostingClassifier(
        max_iter=2, categorical_features="from_dtype"
    ).fit(FRAME[["age", "kind"]], LABELS),
    "tfidf": lambda: make_pipeline(TfidfVectorizer(stop_words="english"), LINEAR).fit(TEXTS, NAMES),
    "hashing": lambda: make_pipeline(HashingVectorizer(n_features=16), LINEAR).fit(TEXTS, NAMES),
    "topics": lambda: make_pipeline(
        CountVectorizer(ngram_range=(1, 2)), LatentDirichletAllocation(2)
    ).fit(TEXTS),
    "dictionaries": lambda: make_pipeline(DictVectorizer(), TruncatedSVD(1), LINEAR).fit(
        [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}] * 20, LABELS
    ),
    "sparse-training": lambda: KNeighborsClassifier().fit(sparse.csr_array(NUMBERS), NAMES),
    "isotonic": lambda: IsotonicRegression().fit(NUMBERS[:, 0], LABELS),
    "several-outputs": lambda: MultiOutputClassifier(LINEAR).fit(
        NUMBERS, np.column_stack([LABELS, 1 - LABELS])
    ),
    "chain": lambda: ClassifierChain(LINEAR).fit(NUMBERS, np.column_stack([LABELS, 1 - LABELS])),
    "data-around-a-model": lambda: {
        "columns": FRAME.columns,
        "sparse": sparse.csc_matrix(NUMBERS),
        "masked": np.ma.masked_array([1.0, 2.0], [True, False]),
        "structured": np.array([(1, "a")], [("n", "i4"), ("o", object)]),
        "times": np.array(["2026-01-01"], "M8[ns]"),
        "scalar": np.float64(1.5),
        "generator": np.random.default_rng(1),
        "nothing": np.empty((0, 3)),
        "strided": NUMBERS[::2, ::-1],
        "fortran": np.asfortranarray(NUMBERS),
    },
}


def by_joblib(model: object, compress: Any, protocol: int | None = None) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(model, buffer, compress, protocol)
    return buffer.getvalue()


WAYS: dict[str, Callable[[object], bytes]] = {
    **{f"pickle-{number}": partial(pickle.dumps, protocol=number) for number in range(6)},
    **{f"joblib-{n}": partial(by_joblib, compress=0, protocol=n) for n in range(6)},
    **{
        f"joblib-{method}": partial(by_joblib, compress=(method, 3))
        for method in ("zlib", "gzip", "bz2", "xz", "lzma")
    },
}
