"""Graphs in workers: objects by output, tensors as they are, and records in manifests."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper

from modelmount_compiler.instances.batches import NamedTensors
from preparation import describe
from serving.api import openapi
from serving.errors import SignatureMismatch
from serving.records import codec
from serving.records.manifest import Manifest, ModelFile, Source
from serving.service.query import Query
from serving.service.service import Service
from tests.lambdas.modelmount_compiler.frameworks.onnx.serving import floats
from tests.lambdas.modelmount_compiler.frameworks.onnx.test_shapes import silero
from tests.lambdas.modelmount_compiler.graphs import FLOAT, graph, identity, value
from tests.lambdas.workers.conftest import asker, service_of
from workers.bounds import MIB, Bounds

MOMENT = "2026-01-02T03:04:05Z"


def publish(root: Path, name: str, data: bytes) -> None:
    """Publish a graph as the preparer describes it."""
    place = root / "models" / name / "versions" / "1"
    place.mkdir(parents=True)
    path = place / "m.onnx"
    path.write_bytes(data)
    about = describe.describe(path, "onnx")
    origin = Source("models", f"{name}/1/m.onnx", "1", MOMENT, "etag", 1, "01")
    file = ModelFile("m.onnx", len(data), "0" * 64)
    manifest = Manifest(name, "1", MOMENT, origin, (file,), about)
    (place / "manifest.json").write_text(codec.dumps(manifest))
    (root / "models" / name / "current").symlink_to("versions/1")


@pytest.fixture
def graphs(tmp_path: Path) -> Service:
    publish(tmp_path, "silero", silero(True).SerializeToString())
    half = [value(name, TensorProto.BFLOAT16, ["n", 2]) for name in "xy"]
    publish(tmp_path, "half", identity(*half))
    turn = helper.make_node("Transpose", ["x"], ["y"], perm=[1, 0])
    turned = [value("x", FLOAT, ["n", 2]), value("y", FLOAT, [2, "n"])]
    publish(tmp_path, "turned", graph([turn], turned[:1], turned[1:]).SerializeToString())
    return service_of(tmp_path, Bounds(seconds=30, memory_bytes=500 * MIB, answer_bytes=MIB))


def row() -> dict[str, Any]:
    return {"input": floats(64).tolist(), "state": np.zeros((2, 8)).tolist(), "sr": 16}


@pytest.mark.slow
def test_graphs_answer_from_workers(graphs: Service) -> None:
    ask = asker(graphs)
    first, second = ask("silero", row(), row())
    assert first == second
    assert np.shape(first["stateN"]) == (2, 8)
    with pytest.raises(SignatureMismatch, match="lacks 'sr'") as error:
        ask("silero", {name: found for name, found in row().items() if name != "sr"})
    assert error.value.field == "$.instances"
    found = ask("half", [0.1, None])
    assert found[0][0] == 0.10009765625
    assert math.isnan(found[0][1])
    assert ask("turned", [[1, 2], [3, 4], [5, 6]]) == [[[1, 3, 5], [2, 4, 6]]]


@pytest.mark.slow
def test_tensors_go_to_workers_and_back_as_they_are(graphs: Service) -> None:
    arrays = {"input": floats(3, 64), "state": floats(2, 3, 8), "sr": np.array(16)}
    batch = NamedTensors(arrays, ("stateN", "output"))
    result = graphs.ask(Query("silero", None, batch)).result
    assert [(array.dtype, array.shape) for array in result] == [
        (np.float32, (2, 3, 8)),
        (np.float32, (3, 1)),
    ]
    turned = NamedTensors({"x": floats(5, 2)}, ("y",))
    assert graphs.ask(Query("turned", None, turned)).result[0].shape == (2, 5)
    with pytest.raises(SignatureMismatch, match="There is no output 'z'; use y"):
        graphs.ask(Query("turned", None, NamedTensors({"x": floats(5, 2)}, ("z",))))
    with pytest.raises(SignatureMismatch, match=r"takes \[any, 2\]"):
        graphs.ask(Query("turned", None, NamedTensors({"x": floats(5, 3)}, ("y",))))


@pytest.mark.slow
def test_the_document_of_a_graph_says_its_shapes(graphs: Service) -> None:
    signature = graphs.manifest("silero").description.signature
    schema = openapi.instance(signature)
    assert list(schema["properties"]) == schema["required"] == ["input", "state", "sr"]
    state = schema["properties"]["state"]
    assert (state["minItems"], state["items"]["maxItems"]) == (2, 8)
    assert schema["properties"]["sr"] == {"type": ["number", "boolean"]}
    (alone, record) = openapi.instance(graphs.manifest("turned").description.signature)["anyOf"]
    assert alone == record["properties"]["x"]
    assert "minItems" not in alone
    assert alone["items"]["minItems"] == 2
