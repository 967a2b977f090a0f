"""Names that honest models hold, in both formats; and what a refusal says to do."""

import functools
import operator
import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import scipy.special
import scipy.stats
import skops.io
from scipy.spatial import distance
from sklearn import metrics
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC

from benchmarks.serving import coverage
from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.sklearn import loading
from preparation.scan.pickle_scan import scan
from serving.errors import UploadRejected
from tests.lambdas.preparation.honest import FITTED
from tests.lambdas.preparation.malicious import named, pushed

MAX_BYTES = 2**28
SAMPLED = 8  # one of so many; all pass, and take minutes
LINEAR = LogisticRegression()


def search(scoring: Any) -> GridSearchCV:
    return GridSearchCV(LINEAR, {"C": [1]}, scoring=scoring)


HELD: dict[str, Any] = {
    **{
        f"scorer-{name}": search(name)
        for name in ("matthews_corrcoef", "neg_negative_likelihood_ratio", "roc_auc")
    },
    "make-scorer": search(metrics.make_scorer(metrics.precision_recall_curve)),
    **{
        f"numpy-{function.__name__}": FunctionTransformer(function)
        for function in (np.where, np.arctan2, np.logaddexp, np.cumsum, np.heaviside, np.hstack)
    },
    "digitize": FunctionTransformer(np.digitize, kw_args={"bins": [0.0, 1.0]}),
    "norm": FunctionTransformer(np.linalg.norm, kw_args={"axis": 1, "keepdims": True}),
    "ndtri": FunctionTransformer(scipy.special.ndtri),
    "softmax": FunctionTransformer(scipy.special.softmax, kw_args={"axis": 1}),
    "clip-by-partial": FunctionTransformer(functools.partial(np.clip, a_min=0, a_max=1)),
    "power-by-partial": FunctionTransformer(functools.partial(np.power, 2.0)),
    "item": FunctionTransformer(operator.itemgetter("text")),
    "items": FunctionTransformer(operator.itemgetter("a", "b")),
    "kernel": SVC(kernel=cosine_similarity),
    "distance": KNeighborsClassifier(metric=distance.braycurtis),
}
REFUSED: dict[str, tuple[Any, str]] = {
    "distribution": (
        RandomizedSearchCV(LINEAR, {"C": scipy.stats.uniform(0.1, 1)}),
        r"search\.best_estimator_",
    ),
    "attribute-by-name": (FunctionTransformer(operator.attrgetter("T")), "itemgetter"),
    "method-by-name": (FunctionTransformer(operator.methodcaller("dump", "x")), "itemgetter"),
    "item-by-a-tuple": (FunctionTransformer(operator.itemgetter((0, 1))), "itemgetter"),
    "item-as-data": (FunctionTransformer(np.clip, kw_args={"a": operator.itemgetter(0)}), "into"),
    "partial-of-a-metric": (
        FunctionTransformer(functools.partial(metrics.accuracy_score, [1])),
        "functools.partial",
    ),
    "partial-of-a-partial": (
        FunctionTransformer(functools.partial(np.clip, a_min=operator.itemgetter(0))),
        "a function into a functools.partial",
    ),
    "runs-what-it-is-given": (FunctionTransformer(np.apply_along_axis), "numpy.apply_along_axis"),
    "reads-a-file": (FunctionTransformer(np.fromfile), "numpy.fromfile"),
    "fills-memory": (FunctionTransformer(np.tile), "numpy.tile"),
}


def saved(model: Any, folder: Path, suffix: str) -> Path:
    path = folder / f"model.{suffix}"
    (skops.io.dump if suffix == "skops" else joblib.dump)(model, path)
    return path


def judged(path: Path) -> Any:
    if path.suffix == ".joblib":
        scan(path, "joblib", MAX_BYTES)
    return loading.load(path, path.suffix[1:])


@pytest.mark.parametrize("suffix", ["joblib", "skops"])
@pytest.mark.parametrize("name", HELD)
def test_what_honest_models_hold_is_loaded(tmp_path: Path, name: str, suffix: str) -> None:
    assert repr(judged(saved(HELD[name], tmp_path, suffix)))


@pytest.mark.parametrize("suffix", ["joblib", "skops"])
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_says_so(tmp_path: Path, name: str, suffix: str) -> None:
    model, said = REFUSED[name]
    path = saved(model, tmp_path, suffix)
    with pytest.raises((UploadRejected, ModelRejected), match=said):
        judged(path)


@pytest.mark.filterwarnings("ignore")  # how scikit-learn feels about so little data
@pytest.mark.parametrize(
    "name", [each for each in FITTED if each not in ("data-around-a-model", "xgboost-booster")]
)
def test_what_passes_as_a_pickle_passes_as_skops(tmp_path: Path, name: str) -> None:
    model = FITTED[name]()
    try:
        path = saved(model, tmp_path, "skops")
    except Exception as error:
        pytest.skip(f"skops itself can't write it: {type(error).__name__}")
    judged(path)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # as above
@pytest.mark.parametrize("suffix", ["joblib", "skops"])
def test_what_scikit_learn_fits_is_loaded(tmp_path: Path, suffix: str) -> None:
    for case in list(coverage.cases())[::SAMPLED]:
        try:
            model = case.fit()
        except ValueError:
            continue  # as the table of what is compiled leaves it out
        judged(saved(model, tmp_path, suffix))


def test_a_getter_that_nothing_holds_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(pickle.dumps([operator.itemgetter(0), LINEAR]))
    with pytest.raises(UploadRejected, match="no estimator holds the result"):
        scan(tmp_path / "model", "pickle", MAX_BYTES)


@pytest.mark.parametrize(
    ("module", "name", "said"),
    [
        ("imblearn.pipeline", "Pipeline", "Rebuild the pipeline of its fitted steps"),
        ("category_encoders.target_encoder", "TargetEncoder", "category_encoders isn't installed"),
        ("__main__", "Doubler", "of your own aren't installed"),
        ("pandas.core.frame", "DataFrame", "hand over lists or arrays"),
        ("builtins", "getattr", 'scoring="loss"'),
    ],
)
def test_each_name_has_its_way_out(tmp_path: Path, module: str, name: str, said: str) -> None:
    data = b"\x80\x02" + named(module, name) + pushed(("true",)) + b"R."
    (tmp_path / "model").write_bytes(data)
    with pytest.raises(UploadRejected) as refused:
        scan(tmp_path / "model", "pickle", MAX_BYTES)
    assert said in str(refused.value)
    assert (f"{module.partition('.')[0]} isn't installed" in str(refused.value)) == (
        module.partition(".")[0] in ("imblearn", "category_encoders")
    )


def test_a_file_packed_with_lz4_is_told_to_use_gzip(tmp_path: Path) -> None:
    (tmp_path / "model").write_bytes(bytes.fromhex("04224d18") + bytes(200))
    with pytest.raises(UploadRejected, match="gzip") as refused:
        scan(tmp_path / "model", "joblib", MAX_BYTES)
    assert refused.value.rejection_code == "UNSUPPORTED_FORMAT"


def test_words_of_a_vectorizer_are_no_functions(tmp_path: Path) -> None:
    path = saved(CountVectorizer(tokenizer=operator.itemgetter(0)), tmp_path, "joblib")
    assert judged(path).tokenizer("ab") == "a"


def test_histogram_boosting_that_keeps_a_method_says_what_to_fit(tmp_path: Path) -> None:
    model = HistGradientBoostingClassifier(max_iter=2, early_stopping=True, scoring="accuracy")
    rows = np.arange(40.0)[:, None]
    path = saved(model.fit(rows, rows[:, 0] > 20), tmp_path, "joblib")
    with pytest.raises(UploadRejected, match='scoring="loss"'):
        judged(path)
