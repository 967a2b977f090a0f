"""Compiled models of any size that take no space on disk, in a repository of their own.

A model is one matrix product over a file with holes. Each answer reads the whole of it, so all of
its pages become resident; the numbers say which model and which version answered.
"""

import json
import pickle
import struct
from pathlib import Path
from typing import Any

from modelmount_compiler.compilation import Compilation, MethodProof
from modelmount_compiler.signature import Signature
from serving.records import codec
from serving.records.manifest import Description, Manifest, ModelFile, Source

FEATURES = 8192
ROW = [1.0] + [0.0] * (FEATURES - 1)
MOMENT = "2026-11-21T01:02:03Z"


def publish(
    root: Path,
    model: str,
    version: int,
    size: int,
    answer: float,
    features: int = FEATURES,
    *,
    environment: str = "default",
    max_rows: int | None = None,
) -> None:
    """Make a version of about `size` bytes current; all of its outputs are `answer` for `ROW`."""
    actual = _write(_place(root, model, version) / "compiled", size, answer, features)
    proof = MethodProof("predict", 1, 0, 0, 0.0, 1e-9, max_rows=max_rows)
    compilation = Compilation("compiled", None, (proof,), compiled_bytes=actual)
    signature = Signature("matrix", "number", features, None, False, ("predict",))
    about = Description(
        *("joblib", "sklearn", "x.Y", signature, actual, 1.0, {}, compilation),
        environment=environment,
    )
    _make_current(root, model, version, about, ModelFile("m.joblib", actual, "0" * 64))


# scikit-learn isn't imported where all models are compiled
def publish_original(
    root: Path, model: str, estimator: Any, version: int = 1, environment: str = "default"
) -> None:
    """Publish an estimator that isn't compiled as a version of its own; pickles aren't mapped."""
    from modelmount_compiler.frameworks import sklearn  # noqa: PLC0415 (as above)

    file = _place(root, model, version) / "m.pkl"
    file.write_bytes(pickle.dumps(estimator))
    size = file.stat().st_size
    signature = sklearn.describe(estimator)
    about = Description(
        "pickle", "sklearn", "x.Y", signature, size, 1.0, {}, environment=environment
    )
    _make_current(root, model, version, about, ModelFile(file.name, size, "0" * 64))


def _place(root: Path, model: str, version: int) -> Path:
    place = root / "models" / model / "versions" / str(version)
    place.mkdir(parents=True)
    return place


def _make_current(
    root: Path, model: str, version: int, about: Description, file: ModelFile
) -> None:
    folder = root / "models" / model
    key = f"{model}/{version}/{file.name}"
    origin = Source("models", key, str(version), MOMENT, "etag", 1, f"{version:018X}")
    manifest = Manifest(model, str(version), MOMENT, origin, (file,), about)
    path = folder / "versions" / str(version) / "manifest.json"
    path.write_text(codec.dumps(manifest))
    link = folder / f".{version}"
    link.symlink_to(f"versions/{version}")
    link.replace(folder / "current")


def _write(path: Path, size: int, answer: float, features: int) -> int:
    """Write the program `x @ weights + bias`; weights are zero beyond the first row."""
    outputs = max(1, size // (8 * (features + 1)))
    weights, bias = 8 * features * outputs, 8 * outputs
    fields = {name: {"array": name, "transposed": False} for name in ("weights", "bias")}
    node = {"operation": "linear.Affine", "inputs": [0], "fields": fields}
    header = json.dumps(
        {
            "__metadata__": {
                "format": "1",
                "program": json.dumps({"nodes": [node], "outputs": {"predict": 1}}),
            },
            "weights": _about([features, outputs], 0, weights),
            "bias": _about([outputs], weights, weights + bias),
        }
    ).encode()
    header += b" " * (-len(header) % 8)
    row = struct.pack("<d", answer / 2) * outputs
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header + row)
        file.seek(8 + len(header) + weights)
        file.write(row)
    return path.stat().st_size


def _about(shape: list[int], start: int, end: int) -> dict[str, object]:
    return {"dtype": "F64", "shape": shape, "data_offsets": [start, end]}
