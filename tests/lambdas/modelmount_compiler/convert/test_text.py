"""Vectorizers of texts, alone and before classifiers, against themselves."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import Binarizer, MaxAbsScaler, Normalizer, RobustScaler, StandardScaler
from sklearn.svm import LinearSVC

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as runtime
from tests.lambdas.modelmount_compiler.convert.comparison import assert_same, title

# ruff: noqa: RUF001 (letters that look alike are the point)

RANDOM = np.random.default_rng(0)
WORDS = "free money now lunch Straße café naïve 東京 日本語 İstanbul ıslak don't a the re-use 😀 "
WORDS += "e\u0301te\u0301 ﬁne x1 1999 ОГО ß ǅ"
TEXTS = [" ".join(RANDOM.choice(WORDS.split(), n)) for n in RANDOM.integers(1, 30, 150)]
LABELS = np.array(["a", "b", "ç"])[RANDOM.integers(0, 3, 150)]
BATCHES: list[list[Any]] = [
    TEXTS[:100],
    ["", "   ", "!!!", "FREE Money"],
    ["CAFÉ cafe\u0301 İ I ı i\u0307", "\n\t a\u00a0b  \u3000東京  x", "x" * 5000],
    ["", ""],
    ["😀😀 👨‍👩‍👧 e\u0301 zzz", "the \ud800", "a b c d", "free " * 300],
]


@pytest.mark.parametrize(
    "vectorizer",
    [
        CountVectorizer(),
        CountVectorizer(binary=True, dtype=np.float64),
        CountVectorizer(ngram_range=(1, 3), stop_words=["the", "now"]),
        CountVectorizer(ngram_range=(2, 2), token_pattern=r"(?u)\b\w+\b", lowercase=False),
        CountVectorizer(token_pattern=r"(\w)\w+"),
        CountVectorizer(strip_accents="ascii"),
        CountVectorizer(strip_accents="unicode", max_features=8),
        CountVectorizer(vocabulary=["free", "money", "café"]),
        CountVectorizer(analyzer="char", ngram_range=(1, 4)),
        CountVectorizer(analyzer="char", ngram_range=(2, 3), lowercase=False),
        CountVectorizer(analyzer="char_wb", ngram_range=(1, 5)),
        CountVectorizer(analyzer="char_wb", ngram_range=(3, 7), strip_accents="unicode"),
        TfidfVectorizer(),
        TfidfVectorizer(sublinear_tf=True, norm="l1", stop_words="english"),
        TfidfVectorizer(use_idf=False, norm=None),
        TfidfVectorizer(smooth_idf=False, binary=True),
        make_pipeline(CountVectorizer(), TfidfTransformer()),
        make_pipeline(CountVectorizer(), Normalizer("max")),
        make_pipeline(CountVectorizer(), MaxAbsScaler(clip=True)),
        make_pipeline(CountVectorizer(), StandardScaler(with_mean=False)),
        make_pipeline(CountVectorizer(), Binarizer(threshold=1)),
        make_pipeline(TfidfVectorizer(), RobustScaler(with_centering=False)),
        FeatureUnion([("w", TfidfVectorizer()), ("c", CountVectorizer())]),
        FeatureUnion(
            [("w", TfidfVectorizer()), ("c", CountVectorizer(analyzer="char"))],
            transformer_weights={"c": 0.3},
        ),
    ],
    ids=title,
)
def test_vectorizers(vectorizer: Any) -> None:
    assert_same(vectorizer.fit(TEXTS), *BATCHES)


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize(
    ("width", "options"),
    [(7, {"norm": None}), (1 << 18, {}), (10, {"norm": "l1", "binary": True})],
)
def test_hashing(width: int, options: Any, signed: bool) -> None:
    vectorizer = HashingVectorizer(n_features=width, alternate_sign=signed, **options).fit(TEXTS)
    known = [[t for t in batch if "\ud800" not in t] for batch in BATCHES]
    if width > 1000:  # the answer itself would be millions of zeros
        assert_same(make_pipeline(vectorizer, Perceptron()).fit(TEXTS, LABELS), *known)
    else:
        assert_same(vectorizer, *known)


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(TfidfVectorizer(), LogisticRegression()),
        make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LinearSVC()),
        make_pipeline(CountVectorizer(), MultinomialNB()),
        make_pipeline(CountVectorizer(), SelectKBest(chi2, k=9), LogisticRegression()),
    ],
    ids=title,
)
def test_classifiers(model: Any) -> None:
    assert_same(model.fit(TEXTS, LABELS), *BATCHES)


def test_texts_beside_numbers() -> None:
    frame = pd.DataFrame({"text": TEXTS, "age": RANDOM.normal(size=150), "other": TEXTS[::-1]})
    vectorizers = [("a", TfidfVectorizer(), "text"), ("b", CountVectorizer(), "other")]
    transformer = ColumnTransformer([*vectorizers, ("n", StandardScaler(), ["age"])])
    model = make_pipeline(transformer, LogisticRegression()).fit(frame, LABELS)
    rows = frame.to_numpy().tolist()
    lacking = [["free", None, "now"], ["free", 1, "x"]]
    assert_same(model, rows[:60], lacking, [["free", 1, "money"], ["x", "2", "y"]])


@pytest.mark.parametrize("value", [None, 1, float("nan")])
def test_what_is_no_text_is_refused(value: Any) -> None:
    for vectorizer in (CountVectorizer(), CountVectorizer(analyzer="char", lowercase=False)):
        transformer = ColumnTransformer([("t", vectorizer, "t")]).fit(pd.DataFrame({"t": TEXTS}))
        program = compile_model(transformer, runtime.describe(transformer))
        with pytest.raises(ValueError, match="send a string"):
            program.run("transform", [[value]])


@pytest.mark.parametrize(
    "vectorizer",
    [
        CountVectorizer(analyzer=str.split),
        CountVectorizer(tokenizer=str.split, token_pattern=None),
        CountVectorizer(preprocessor=str.upper),
        CountVectorizer(dtype=np.float32),
        HashingVectorizer(dtype=np.float32),
    ],
    ids=title,
)
def test_what_has_no_compiled_form_says_why(vectorizer: Any) -> None:
    vectorizer.fit(TEXTS)
    with pytest.raises(NotCompilable, match="Vectorizer"):
        compile_model(vectorizer, runtime.describe(vectorizer))
