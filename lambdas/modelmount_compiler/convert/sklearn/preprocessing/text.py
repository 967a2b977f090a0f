"""Converters of text vectorizers."""

from typing import Any

import numpy as np
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.program.operations import sparse
from modelmount_compiler.program.operations.text import term_counts, tokenizer
from modelmount_compiler.program.operations.text.linear_patterns import is_linear


def _terms(vectorizer: Any, graph: Graph, x: Value) -> Value:
    """Add the operations that split texts into terms."""
    if x.kind != "texts":
        raise NotCompilable(f"{type(vectorizer).__qualname__} of {x.kind}")
    for name in ("preprocessor", "tokenizer"):
        if getattr(vectorizer, name) is not None:
            raise NotCompilable(f"{type(vectorizer).__qualname__} has a {name} of its own")
    if callable(vectorizer.analyzer) or callable(vectorizer.strip_accents):
        raise NotCompilable(f"{type(vectorizer).__qualname__} calls a function of its own")
    if vectorizer.input != "content":
        raise NotCompilable(f"{type(vectorizer).__qualname__} reads files")
    if vectorizer.lowercase or vectorizer.strip_accents:
        operation = tokenizer.Normalize(
            bool(vectorizer.lowercase), vectorizer.strip_accents or None
        )
        x = graph.add(operation, x, kind="texts")
    return graph.add(_analyzer(vectorizer), x, kind="terms")


def _analyzer(vectorizer: Any) -> tokenizer.Words | tokenizer.Characters:
    shortest, longest = map(int, vectorizer.ngram_range)
    if longest > tokenizer.MOST_LONG:
        raise NotCompilable(
            f"{type(vectorizer).__qualname__} has n-grams of {longest}, which take much memory"
        )
    if vectorizer.analyzer != "word":
        within = vectorizer.analyzer == "char_wb"
        return tokenizer.Characters(shortest, longest, within)
    if not is_linear(vectorizer.token_pattern):
        raise NotCompilable(
            f"the search for {type(vectorizer).__qualname__}'s token_pattern "
            f"{vectorizer.token_pattern!r:.100} may take long, so it runs in a process of its own"
        )
    stop = tuple(sorted(vectorizer.get_stop_words() or ()))
    return tokenizer.Words(vectorizer.token_pattern, stop, shortest, longest)


def _counted(vectorizer: CountVectorizer, graph: Graph, x: Value) -> Value:
    dtype = np.dtype(vectorizer.dtype)
    if dtype not in (np.int64, np.float64):
        raise NotCompilable(f"{type(vectorizer).__qualname__} gives {dtype}")
    width = max(vectorizer.vocabulary_.values()) + 1
    vocabulary = np.full(width, None, dtype=object)
    for term, position in vectorizer.vocabulary_.items():
        vocabulary[position] = str(term)
    operation = term_counts.Count(vocabulary, bool(vectorizer.binary), dtype == np.int64)
    return graph.add(operation, _terms(vectorizer, graph, x), kind="sparse", width=width)


@converts(CountVectorizer)
def count(vectorizer: CountVectorizer, graph: Graph, x: Value) -> Outputs:
    """Convert a count vectorizer: counts of the vocabulary's terms."""
    return {"transform": _counted(vectorizer, graph, x)}


@converts(TfidfVectorizer)
def tfidf_vectorizer(vectorizer: TfidfVectorizer, graph: Graph, x: Value) -> Outputs:
    """Convert a tf-idf vectorizer: counts, weighted and normed."""
    return tfidf(vectorizer._tfidf, graph, _counted(vectorizer, graph, x))


@converts(TfidfTransformer)
def tfidf(transformer: TfidfTransformer, graph: Graph, x: Value) -> Outputs:
    """Convert a tf-idf transformer: counts weighted by rarity, and normed rows."""
    if x.kind != "sparse":
        x = graph.add(sparse.Compress(), coercion.matrix(graph, x), kind="sparse", width=x.width)
    idf = getattr(transformer, "idf_", None)
    if idf is not None and idf.dtype != np.float64:
        raise NotCompilable(f"TfidfTransformer gives {idf.dtype}")
    operation = term_counts.Tfidf(bool(transformer.sublinear_tf), idf)
    value = graph.add(operation, x, kind="sparse", width=x.width)
    return {"transform": _normed(graph, value, transformer.norm)}


@converts(HashingVectorizer)
def hashing(vectorizer: HashingVectorizer, graph: Graph, x: Value) -> Outputs:
    """Convert a hashing vectorizer: normed counts of terms in the columns of their hashes."""
    if np.dtype(vectorizer.dtype) != np.float64:
        raise NotCompilable(f"HashingVectorizer gives {np.dtype(vectorizer.dtype)}")
    width = int(vectorizer.n_features)
    operation = term_counts.Hash(width, bool(vectorizer.alternate_sign), bool(vectorizer.binary))
    value = graph.add(operation, _terms(vectorizer, graph, x), kind="sparse", width=width)
    return {"transform": _normed(graph, value, vectorizer.norm)}


def _normed(graph: Graph, x: Value, norm: str | None) -> Value:
    if norm is None:
        return x
    return graph.add(sparse.Norm(norm), x, kind="sparse", width=x.width)
