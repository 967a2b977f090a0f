"""Errors of libraries, as they come: cleaned of traces and of places on the server."""

import pytest

from modelmount_compiler.error_texts import without_traces

XGBOOST = """[15:31:37] /workspace/src/common/json.cc:409: Expecting: ":", got: "EOF", at: 16
Stack trace:
  [bt] (0) /opt/python/lib/python3.11/site-packages/xgboost/lib/libxgboost.so(+0x11031e) [0x7f53]
  [bt] (1) /opt/python/lib/python3.11/site-packages/xgboost/lib/libxgboost.so(+0x1) [0x7f54]
"""
ORT = (
    "[ONNXRuntimeError] : 1 : FAIL : /onnxruntime_src/onnxruntime/core/graph/model.cc:245 "
    "onnxruntime::Model::Model(onnx::ModelProto&&, const onnxruntime::PathString&) Missing opset."
)
TEMPLATE = (
    "/onnxruntime_src/onnxruntime/core/ml/tree.h:504 size_t onnxruntime::ml::Tree<T>::AddNodes("
    "size_t, long int) [with T = std::vector<std::pair<int, float> >; size_t = long] x was false."
)
PYTHON = """Traceback (most recent call last):
  File "/var/task/preparation/describe.py", line 60, in main
    describe(path)
ValueError: the number 7 is odd"""


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (XGBOOST, 'Expecting: ":", got: "EOF", at: 16'),
        (ORT, "[ONNXRuntimeError] : 1 : FAIL : Missing opset."),
        (TEMPLATE, "x was false."),
        (PYTHON, "ValueError: the number 7 is odd"),
        ("catboost/libs/model/model.cpp:1192: It failed (twice).", "It failed (twice)."),
        ("No such file: '/tmp/abc/files/m.onnx'", "No such file: 'm.onnx'"),
        ("\x1b[1;31mred\x1b[m", "red"),
        ("See https://github.com/a/b and /inference, MODEL/VERSION/.", None),
        ("expected 1/2, got 3/4", None),
    ],
)
def test_what_is_left(text: str, clean: str | None) -> None:
    assert without_traces(text) == (text if clean is None else clean)


def test_long_texts_are_cut() -> None:
    assert len(without_traces("x" * 10_000, 100)) == 100
