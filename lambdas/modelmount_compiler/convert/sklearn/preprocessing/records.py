"""The converter of a vectorizer of records."""

import numpy as np
from sklearn.feature_extraction import DictVectorizer

from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.program.operations import sparse
from modelmount_compiler.program.operations.preprocessing.records import Vectorize


@converts(DictVectorizer)
def records(vectorizer: DictVectorizer, graph: Graph, x: Value) -> Outputs:
    """Convert a vectorizer of records: each value goes into the column of its name."""
    if x.kind != "records":
        raise NotCompilable(f"DictVectorizer of {x.kind}")
    if np.dtype(vectorizer.dtype) != np.float64:
        raise NotCompilable(f"DictVectorizer gives {np.dtype(vectorizer.dtype)}")
    width = len(vectorizer.vocabulary_)
    names = np.full(width, None, dtype=object)
    for name, place in vectorizer.vocabulary_.items():
        names[place] = str(name)
    operation = Vectorize(names, str(vectorizer.separator))
    value = graph.add(operation, x, kind="sparse", width=width)
    if vectorizer.sparse:
        return {"transform": value}
    return {"transform": graph.add(sparse.Dense(), value, width=width)}
