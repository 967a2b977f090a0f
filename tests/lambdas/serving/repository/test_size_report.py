"""Sizes of models, by what their compiled form answers."""

import dataclasses
from typing import Any

import pytest

from modelmount_compiler.compilation import Compilation, MethodProof, Timing
from modelmount_compiler.signature import Signature
from serving.records.manifest import Description, Manifest, ModelFile, Source
from serving.repository import size_report

PROOF = MethodProof("predict", 4000, 0, 0, 0.0, 1e-9, (Timing(1, 300.0, 6.0), Timing(100, 1, 1)))
BOUNDED = dataclasses.replace(PROOF, max_rows=10)
SIGNATURE = Signature("matrix", "number", 2, None, False, ("predict",))
REFUSED = dataclasses.replace(PROOF, method="predict_proba", reason="a flip")


class Models:
    """A reader of one model."""

    def __init__(self, compilation: Compilation | None) -> None:
        source = Source("bucket", "iris/1/m.joblib", "write", "2026-11-21T01:02:03Z", "etag", 3)
        self._manifest = Manifest(
            "iris",
            "1",
            "2026-11-21T01:02:03Z",
            source,
            (ModelFile("m.joblib", 3, "0" * 64),),
            Description("joblib", "sklearn", "x.Y", SIGNATURE, 9, 0.1, {}, compilation),
        )

    def names(self) -> list[str]:
        return ["coming", "iris"]

    def current(self, model: str) -> str | None:
        return "1" if model == "iris" else None

    def manifest(self, model: str, version: str) -> Manifest | None:
        return self._manifest


@pytest.mark.parametrize(
    ("compilation", "compiled", "size", "one_row_us"),
    [
        (None, "none", 0, None),
        (Compilation(None, "no converter", compiled_bytes=7), "none", 0, None),
        (Compilation("c", None, (PROOF,), compiled_bytes=7), "all", 7, 6.0),
        (Compilation("c", None, (BOUNDED,), compiled_bytes=7), "some", 7, 6.0),
        (Compilation("c", None, (PROOF, REFUSED), compiled_bytes=7), "some", 7, 6.0),
        (Compilation("c", None, (REFUSED,), compiled_bytes=7), "some", 7, 300.0),
    ],
)
def test_an_entry_tells_size_and_time(
    compilation: Compilation | None, compiled: str, size: int, one_row_us: float | None
) -> None:
    models: Any = Models(compilation)
    assert size_report.render(models) == [
        {
            "model": "iris",
            "version": "1",
            "format": "joblib",
            "memory_bytes": 9,
            "compiled": compiled,
            "compiled_bytes": size,
            "one_row_us": one_row_us,
        }
    ]
