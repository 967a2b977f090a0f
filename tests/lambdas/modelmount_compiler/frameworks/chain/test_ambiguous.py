"""Pieces that leave open how they belong together are refused with the statement to write."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.preprocessing import LabelEncoder, MinMaxScaler, OneHotEncoder, StandardScaler

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks import sklearn as runtime
from tests.lambdas.chains import tables, texts
from tests.lambdas.modelmount_compiler.frameworks.chain.reading import recognised

Files = dict[str, Any]
NUMBERS = tables.people()[tables.NUMBERS].to_numpy(float)
LEFT = tables.left(tables.people())


def _fitted(model: Any, features: Any = NUMBERS, target: Any = LEFT) -> Any:
    return model.fit(features, target)


def two_scalers() -> Files:
    """Return two steps of one kind and width."""
    return {
        "scaler.pkl": StandardScaler().fit(NUMBERS),
        "minmax.pkl": MinMaxScaler().fit(NUMBERS),
        "model.pkl": _fitted(LogisticRegression()),
    }


def two_models() -> Files:
    """Return two models, of which only one can answer."""
    return {"rf.pkl": _fitted(RandomForestClassifier(3)), "lr.pkl": _fitted(LogisticRegression())}


def labels_or_a_column() -> Files:
    """Return an encoder of two labels that could be of the target, or of a column."""
    return {
        "label_encoder.pkl": LabelEncoder().fit(["Female", "Male"]),
        "model.pkl": _fitted(LogisticRegression()),
    }


def other_width() -> Files:
    """Return a scaler that is narrower than the model, and has no names."""
    return {
        "scaler.pkl": StandardScaler().fit(NUMBERS[:, :2]),
        "model.pkl": _fitted(LogisticRegression()),
    }


def another_vocabulary() -> Files:
    """Return a vectorizer of another fit than the model's."""
    vectorizer = CountVectorizer().fit(texts.TEXTS)
    return {
        "vectorizer.pkl": CountVectorizer().fit(texts.TEXTS[:3]),
        "model.pkl": _fitted(MultinomialNB(), vectorizer.transform(texts.TEXTS), texts.SPAM),
    }


def zeros_or_missing() -> Files:
    """Return a model of XGBoost that answers otherwise for a dense matrix."""
    vectorizer = TfidfVectorizer().fit(texts.TEXTS)
    dense = vectorizer.transform(texts.TEXTS).toarray()
    model = xgboost.XGBClassifier(n_estimators=5, max_depth=2, min_child_weight=0)
    return {"tfidf.pkl": vectorizer, "model.pkl": _fitted(model, dense, texts.SPAM)}


def unnamed_encoder() -> Files:
    """Return a one-hot encoder without names, beside the model's numbers."""
    gender = tables.people()[["gender"]].to_numpy()
    encoder = OneHotEncoder(sparse_output=False).fit(gender)
    features = np.hstack([NUMBERS, encoder.transform(gender)])
    return {
        "onehot_encoder_geo.pkl": encoder,
        "model.pkl": _fitted(LogisticRegression(max_iter=3000), features),
    }


def encoder_of_a_regressor() -> Files:
    """Return a label encoder of no column of a regressor."""
    return {"le.pkl": LabelEncoder().fit(list("abc")), "model.pkl": _fitted(LinearRegression())}


def only_encoders() -> Files:
    """Return label encoders and no model."""
    return {"encoders.pkl": {name: LabelEncoder().fit(["a"]) for name in ("x", "y")}}


OPEN = (
    *(two_scalers, two_models, labels_or_a_column, other_width, another_vocabulary),
    *(zeros_or_missing, unnamed_encoder, encoder_of_a_regressor, only_encoders),
)


@pytest.mark.parametrize("made", OPEN)
def test_what_is_left_open_is_refused(made: Any, tmp_path: Path) -> None:
    with pytest.raises(ModelRejected, match="write for example") as refused:
        recognised(tmp_path, made())
    assert refused.value.code == "AMBIGUOUS_PIECES"
    proposed = re.search(r"write for example (\{.*\}) into", str(refused.value))
    assert proposed is not None
    assert json.loads(proposed[1])
    assert all(name in str(refused.value) for name in made())


STATED: dict[str, tuple[Any, dict[str, Any], Any]] = {
    "order": (two_scalers, {"chain": ["minmax.pkl", "scaler.pkl", "model.pkl"]}, None),
    "one of two": (two_models, {"chain": ["lr.pkl"]}, None),
    "labels": (labels_or_a_column, {"labels": "label_encoder.pkl"}, ["Female", "Male"]),
    "own labels": (two_models, {"chain": ["lr.pkl"], "labels": ["no", "yes"]}, ["no", "yes"]),
    "some columns": (
        other_width,
        {
            "chain": [{"file": "scaler.pkl", "columns": ["age", "balance"]}, "model.pkl"],
            "columns": tables.NUMBERS,
        },
        None,
    ),
    "a sparse matrix": (zeros_or_missing, {"chain": ["tfidf.pkl", "model.pkl"]}, None),
    "a threshold": (two_models, {"chain": ["lr.pkl"], "threshold": 0.9}, None),
}


@pytest.mark.parametrize("case", STATED)
def test_the_statement_settles_it(case: str, tmp_path: Path) -> None:
    made, statement, classes = STATED[case]
    loaded, chain = recognised(tmp_path, made(), statement)
    assert chain is not None
    assert chain.is_stated
    signature = runtime.describe(loaded)
    if classes is not None:
        assert signature.classes == classes
    asked = texts.ASKED if signature.input == "text" else NUMBERS[:5].tolist()
    assert len(runtime.Model(loaded, signature).infer(asked, "predict")) == 5


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no such file": ({"chain": ["scaler.pkl", "lost.pkl"]}, "names 'lost.pkl', and there are"),
    "no list": ({"chain": "model.pkl"}, "no list"),
    "ends sparse": ({"chain": ["scaler.pkl", "toarray"]}, "ends with toarray"),
    "other fields": ({"chain": [{"file": "scaler.pkl", "cols": []}]}, "other fields"),
    "no encoder": ({"encoders": {"age": "scaler.pkl"}}, "not a LabelEncoder"),
    "no names": ({"columns": [1, 2]}, "not a list of different names"),
    "no labels": ({"labels": "lost.pkl"}, "lost.pkl"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_wrong_statement_is_told(case: str, tmp_path: Path) -> None:
    statement, told = BAD[case]
    with pytest.raises(ModelRejected, match=re.escape(told)) as refused:
        recognised(tmp_path, two_scalers(), statement)
    assert refused.value.code == "BAD_CHAIN"
