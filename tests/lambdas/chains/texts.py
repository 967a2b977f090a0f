"""Pieces that take texts or records of any names."""

from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.preprocessing import LabelEncoder
from sklearn.svm import LinearSVC

from tests.lambdas.chains.shape import Shape

TEXTS = [
    *("win a free prize now", "claim your free cash", "urgent prize waiting call now"),
    *("are we meeting for lunch", "see you at home tonight", "the report is on your desk"),
    *("free entry win cash", "lunch tomorrow at noon", "call home when you can"),
]
SPAM = [1, 1, 1, 0, 0, 0, 1, 0, 0]
TOPICS = ["prize", "prize", "alarm", "food", "home", "work", "prize", "food", "home"]
ASKED = ["free cash prize", "lunch at home", "", "report now", "something unseen entirely"]
TRIPS = [
    {"city": city, "distance": distance, "contract": contract}
    for city, distance, contract in [
        *(("Rome", 3.0, "monthly"), ("Paris", 5.5, "yearly"), ("Oslo", 1.0, "monthly")),
        *(("Rome", 7.0, "yearly"), ("Oslo", 2.5, "yearly"), ("Paris", 9.0, "monthly")),
    ]
]
CHURN = [1, 0, 1, 0, 0, 1]


def tfidf_and_model() -> Shape:
    """Return the pair of most tutorials, with `.toarray()` that changes nothing."""
    vectorizer = TfidfVectorizer().fit(TEXTS)
    model = MultinomialNB().fit(vectorizer.transform(TEXTS), SPAM)
    return Shape(
        {"vectorizer.pkl": vectorizer, "model.pkl": model},
        lambda texts: model.predict(vectorizer.transform(texts).toarray()),
        ASKED,
    )


def needs_an_array() -> Shape:
    """Return a pair whose model takes no sparse matrix."""
    vectorizer = CountVectorizer().fit(TEXTS)
    model = GaussianNB().fit(vectorizer.transform(TEXTS).toarray(), SPAM)
    return Shape(
        {"cv-transform.pkl": vectorizer, "restaurant-sentiment-model.pkl": model},
        lambda texts: model.predict(vectorizer.transform(texts).toarray()),
        ASKED,
    )


def three_with_labels() -> Shape:
    """Return counts, their weights, a model and an encoder of two labels."""
    counts = CountVectorizer().fit(TEXTS)
    weights = TfidfTransformer().fit(counts.transform(TEXTS))
    encoder = LabelEncoder().fit(["ham", "spam"])
    model = LogisticRegression().fit(weights.transform(counts.transform(TEXTS)), SPAM)

    def app(texts: list[Any]) -> Any:
        found = model.predict(weights.transform(counts.transform(texts)))
        return encoder.inverse_transform(found)

    files = {
        "count_vect.joblib": counts,
        "tfidf_transformer.joblib": weights,
        "clf.joblib": model,
        "label_encoder.joblib": encoder,
    }
    return Shape(files, app, ASKED)


def selected_terms() -> Shape:
    """Return a vectorizer, a choice of its terms, and a model of many classes by name."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2)).fit(TEXTS)
    chosen = SelectKBest(chi2, k=12).fit(vectorizer.transform(TEXTS), TOPICS)
    model = LinearSVC().fit(chosen.transform(vectorizer.transform(TEXTS)), TOPICS)
    return Shape(
        {"tfidf.pkl": vectorizer, "selector.pkl": chosen, "svm_model.pkl": model},
        lambda texts: model.predict(chosen.transform(vectorizer.transform(texts))),
        ASKED,
    )


def dictionary_of_texts() -> Shape:
    """Return model and vectorizer in one dictionary, with what is of no use."""
    vectorizer = TfidfVectorizer().fit(TEXTS)
    model = MultinomialNB().fit(vectorizer.transform(TEXTS), SPAM)
    held = {"model": model, "vectorizer": vectorizer, "version": 2, "accuracy": 0.93}
    return Shape(
        {"spam.pkl": held}, lambda texts: model.predict(vectorizer.transform(texts)), ASKED
    )


def tuple_of_records() -> Shape:
    """Return a `DictVectorizer` and a model in a tuple."""
    vectorizer = DictVectorizer(sparse=False).fit(TRIPS)
    model = LogisticRegression().fit(vectorizer.transform(TRIPS), CHURN)
    return Shape(
        {"model_C=1.0.bin": (vectorizer, model)},
        lambda records: model.predict(vectorizer.transform(records)),
        [*TRIPS, {"city": "Bern", "distance": 4.0}],
    )


def files_of_records() -> Shape:
    """Return the same in files whose names are no models'."""
    vectorizer = DictVectorizer().fit(TRIPS)
    model = LogisticRegression().fit(vectorizer.transform(TRIPS), np.array(CHURN).astype(bool))
    return Shape(
        {"dv.bin": vectorizer, "model1.bin": model},
        lambda records: model.predict(vectorizer.transform(records)),
        [*TRIPS, {"city": "Bern", "distance": 4.0}],
    )


def named_by_json() -> Shape:
    """Return a pair, and the names of its classes in JSON."""
    vectorizer = CountVectorizer().fit(TEXTS)
    model = MultinomialNB().fit(vectorizer.transform(TEXTS), SPAM)
    names = {"0": "ham", "1": "spam"}
    return Shape(
        {"vectorizer.pkl": vectorizer, "model.pkl": model, "labels.json": names},
        lambda texts: [names[str(i)] for i in model.predict(vectorizer.transform(texts))],
        ASKED,
    )


SHAPES = {
    made.__name__: made
    for made in (
        *(tfidf_and_model, needs_an_array, three_with_labels, selected_terms),
        *(dictionary_of_texts, tuple_of_records, files_of_records, named_by_json),
    )
}
