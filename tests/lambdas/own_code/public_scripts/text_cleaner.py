"""A cleaner of texts as a vectorizer's preprocessor."""

import pickle
import re
import sys
from pathlib import Path

from _saved import code_of, expect
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

LINK = re.compile(r"https?://\S+")


def clean_text(text):
    return LINK.sub(" ", text.lower()).replace("!", " ")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    texts = ["Good one!", "BAD two", "good http://x.y three", "bad four!"] * 5
    model = make_pipeline(TfidfVectorizer(preprocessor=clean_text), LogisticRegression())
    model.fit(texts, ["up", "down"] * 10)
    (folder / "upload" / "sentiment.pkl").write_bytes(pickle.dumps(model))
    code_of(folder, __file__)
    expect(folder, texts[:4], model.predict(texts[:4]).tolist())
