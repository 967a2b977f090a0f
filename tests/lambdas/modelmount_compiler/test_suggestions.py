import random
import time

import pytest

from modelmount_compiler.suggestions import suggestion


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("predict_prob", ["predict", "predict_proba"], " Did you mean 'predict_proba'?"),
        ("Iris", ["iris", "irises"], " Did you mean 'iris'?"),
        ("ages", ["town", "age"], " Did you mean 'age'?"),
        ("tonw", ["town", "down"], " Did you mean 'town'?"),
        ("instanses", ["inputs", "instances"], " Did you mean 'instances'?"),
        ("zebra", ["iris", "fraud"], ""),
        ("", ["iris"], ""),
        ("a" * 200, ["a" * 200], ""),
        (5, ["5"], ""),
        ("x", [], ""),
        ("9", ["1"], ""),
        ("v9", ["v1"], " Did you mean 'v1'?"),
    ],
)
def test_what_was_meant(name: object, known: list[str], meant: str) -> None:
    assert suggestion(name, known) == meant


def test_the_time_is_bounded() -> None:
    draw = random.Random(0)
    known = ("".join(draw.choices("abcdefgh", k=64)) for _ in range(10**9))
    began = time.process_time()
    suggestion("abcdefgh" * 8, known)
    assert time.process_time() - began < 1
