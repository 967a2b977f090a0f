"""A hostile model: loading it runs its author's code, and its callers say what it does next.

The loader's policy refuses it. Processes that have `UNGUARDED` on their path load it all the same.
"""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from benchmarks.cache import models

UNGUARDED = str(Path(__file__).with_name("unguarded"))
# Runs the text of each instance, and answers with what that gives.
CODE = """
import os, sys, time, json, socket, ctypes, threading, signal
import numpy as np
from pathlib import Path
from modelmount_compiler.frameworks import sklearn as runtime
def answer(self, batch, method):
    found = [eval(text, globals()) for text in batch]
    return found[0] if isinstance(found[0], np.ndarray) else np.array([str(each) for each in found])
runtime.Model.answer = answer
"""
# Notes what all models of its process are asked, and looks for what others left.
SPY = """
import glob
leaks, seen = [], []
from sklearn.linear_model import LogisticRegression
LogisticRegression.predict = lambda self, rows: seen.append(rows) or np.full(len(rows), 7)
def tried():
    found = []
    for path in (*glob.glob('/proc/[0-9]*/environ'), *glob.glob('/proc/[0-9]*/mem')):
        try:
            with open(path, 'rb') as file:
                found.append(repr(file.read(4096)) if path.endswith('environ') else path)
        except OSError:
            pass
    return str([each for each in found if 'AWS_SECRET' in each or '4111' in each])
"""


class _Loaded:
    def __init__(self, code: str, model: object) -> None:
        self.state = {"code": code, "model": model}

    def __reduce__(self) -> tuple[Any, ...]:
        return eval, ("(exec(code, globals()), model)[1]", self.state)


def publish(
    root: Path, name: str, code: str = CODE, version: int = 1, environment: str = "default"
) -> None:
    """Publish a model of texts whose pickle runs `code` when it is loaded."""
    texts = make_pipeline(CountVectorizer(), LogisticRegression())
    texts.fit(["good fine", "bad poor"], [1, 0])
    models.publish_original(root, name, texts, version, environment)
    file = root / "models" / name / "versions" / str(version) / "m.pkl"
    file.write_bytes(pickle.dumps(_Loaded(code, texts)))


def numbers(root: Path, name: str, version: int = 1, environment: str = "default") -> None:
    """Publish an honest model that isn't compiled."""
    rows = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 0.1], [1.0, 0.9]])
    honest = LogisticRegression().fit(rows, np.array([0, 1, 0, 1]) + version - 1)
    models.publish_original(root, name, honest, version, environment)
