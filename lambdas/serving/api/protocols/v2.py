"""Open Inference Protocol, version 2, over HTTP, with the extensions for binary tensors and for
the repository.

https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_model_repository.md
"""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from modelmount_compiler.instances.batches import Batch, NamedTensors
from modelmount_compiler.instances.datatypes import BYTES, DTYPES
from modelmount_compiler.signature import Method, Signature
from serving.api import contract, query_parameters
from serving.api.contract import Error
from serving.api.protocols import tensors, v2_mapping, v2_metadata, v2_places
from serving.api.protocols.tensors import Array
from serving.api.protocols.v2_messages import (
    LENGTH_HEADER,
    InferRequest,
    InferResponse,
    InputTensor,
    Output,
    read,
    write,
)
from serving.api.routing import OCTETS, Request, Response, Route
from serving.api.server_timing import timed
from serving.errors import BadRequest, SignatureMismatch
from serving.service.query import Answer, Ask, Query
from serving.service.service import Service

Path = Mapping[str, str]
MAX_DIGITS = 12
HEALTHY = {"live": True, "ready": True}
MODEL = "/v2/models/{model}"
VERSION = f"{MODEL}/versions/{{version}}"


class _IndexRequest(msgspec.Struct):
    ready: bool | None = None


class _LoadRequest(msgspec.Struct):
    parameters: dict[str, Any] | None = None


_index_decoder = msgspec.json.Decoder(_IndexRequest)
_load_decoder = msgspec.json.Decoder(_LoadRequest)


class Routes:
    """The routes under /v2."""

    def __init__(self, service: Service, ask: Ask) -> None:
        self._service = service
        self._ask = ask
        repository = "/v2/repository/models/{model}"
        self.routes = (
            Route("/v2", GET=lambda _, __: v2_metadata.SERVER),
            Route("/v2/health/live", GET=lambda _, __: HEALTHY),
            Route("/v2/health/ready", GET=lambda _, __: HEALTHY),
            *(Route(path, GET=self._metadata) for path in (MODEL, VERSION)),
            *(Route(f"{path}/ready", GET=self._ready) for path in (MODEL, VERSION)),
            *(Route(f"{path}/infer", POST=self._infer) for path in (MODEL, VERSION)),
            Route("/v2/repository/index", POST=self._index),
            Route(f"{repository}/load", POST=self._load),
            Route(f"{repository}/unload", POST=self._unload),
        )

    def error_body(self, error: Error) -> dict[str, str]:
        """Return one text, with place and id where there are any, as the protocol does."""
        return {"error": error.line()}

    def _metadata(self, _: Request, path: Path) -> object:
        manifest = self._service.manifest(path["model"], path.get("version"))
        return v2_metadata.describe(manifest, self._service.versions(path["model"]))

    def _ready(self, _: Request, path: Path) -> object:
        manifest = self._service.manifest(path["model"], path.get("version"))
        return {"name": manifest.model, "ready": True}

    def _index(self, request: Request, _: Path) -> object:
        wanted = contract.decode(_index_decoder, request.body or b"{}")
        models = self._service.list_models()["models"]
        entries = [v2_metadata.entry(model) for model in models]
        return [e for e in entries if e["state"] == "READY" or not wanted.ready]

    def _load(self, request: Request, path: Path) -> object:
        asked = contract.decode(_load_decoder, request.body or b"{}")
        if asked.parameters:
            raise BadRequest(
                "A model is loaded as it was uploaded: send no config and no files, upload a "
                "new version instead.",
                field="$.parameters",
            )
        self._service.load(path["model"])
        return {}

    def _unload(self, request: Request, path: Path) -> object:
        contract.decode(_load_decoder, request.body or b"{}")
        self._service.unload(path["model"])
        return {}

    def _infer(self, request: Request, path: Path) -> Response:
        manifest = self._service.manifest(path["model"], path.get("version"))
        read_for = manifest.description.signature
        asked, arrays = _read(request, read_for)
        _state_method(asked, request)
        given = v2_mapping.tensors(asked, arrays, read_for)
        try:
            if given is not None:
                return self._graph(asked, given, path)
            return self._methods(asked, v2_mapping.batch(arrays, read_for), path, read_for)
        except SignatureMismatch as error:
            raise v2_places.placed(error, arrays, read_for) from error

    def _graph(self, asked: InferRequest, given: NamedTensors, path: Path) -> Response:
        answer = self._ask(Query(path["model"], path.get("version"), given))
        return _respond(asked, [answer], v2_mapping.graph_outputs(asked, given, answer))

    def _methods(
        self, asked: InferRequest, batch: Batch, path: Path, signature: Signature
    ) -> Response:
        wanted = v2_mapping.wanted(asked, signature)
        answers: dict[Method, Answer] = {}
        version = path.get("version")
        for method, _ in wanted:
            if method not in answers:
                answers[method] = self._ask(Query(path["model"], version, batch, method))
                version = answers[method].manifest.version
        outputs = [
            output
            for method, requested in wanted
            for output in v2_mapping.outputs(asked, requested, method, answers[method])
        ]
        return _respond(asked, list(answers.values()), outputs)


def _state_method(asked: InferRequest, request: Request) -> None:
    """Take the method from the URL, where the body names neither outputs nor a method."""
    stated = query_parameters.stated(request).get("method")
    if stated is None:
        return
    own = asked.parameter("method")
    if asked.outputs or own not in (None, stated):
        text = f"The URL says method={stated!r:.80}, and the body names other outputs. Send one."
        raise BadRequest(text, field="?method")
    asked.parameters = {**(asked.parameters or {}), "method": stated}


def _read(request: Request, signature: Signature) -> tuple[InferRequest, dict[str, Array]]:
    length = request.header(LENGTH_HEADER)
    if length is None:
        return read(request.body, len(request.body))
    is_number = length.isascii() and length.isdecimal() and len(length) <= MAX_DIGITS
    if not is_number or int(length) > len(request.body):
        raise BadRequest(
            f"Inference-Header-Content-Length is {length[:20]!r}, and the body has "
            f"{len(request.body)} bytes.",
            field="Inference-Header-Content-Length",
        )
    if int(length) == 0:
        return _raw(request.body, signature)
    return read(request.body, int(length))


def _raw(body: bytes, signature: Signature) -> tuple[InferRequest, dict[str, Array]]:
    """Read the body as the model's one input, of the datatype that its metadata gives."""
    (first, *more) = v2_metadata.inputs(signature)
    width, datatype = first["shape"][-1], first["datatype"]
    if datatype == BYTES and not more:
        array, shape = (
            tensors.from_bytes(memoryview(len(body).to_bytes(4, "little") + body), "BYTES", [1]),
            [1],
        )
    elif more or len(first["shape"]) != 2 or width < 1 or len(body) % (_size(datatype) * width):
        raise BadRequest(
            "A body of nothing but a tensor is for models with one input, and holds whole rows "
            f"of it in {datatype}; send a JSON header with the tensors' names and shapes."
        )
    else:
        shape = [len(body) // (_size(datatype) * width), width]
        array = tensors.from_bytes(memoryview(body), datatype, shape)
    tensor = InputTensor(first["name"], shape, datatype)
    return InferRequest([tensor], parameters={"binary_data_output": True}), {tensor.name: array}


def _size(datatype: str) -> int:
    return np.dtype(DTYPES.get(datatype, "u2")).itemsize  # BF16 has no dtype


def _respond(asked: InferRequest, answers: list[Answer], outputs: list[Output]) -> Response:
    manifest = answers[-1].manifest
    told = InferResponse(manifest.model, manifest.version, [], asked.id)
    body, header_length = write(told, outputs)
    response = timed(answers, body)
    if header_length < len(body) or any(output.is_binary for output in outputs):
        response.headers["content-type"] = OCTETS
        response.headers[LENGTH_HEADER] = str(header_length)
        response.is_text = False
    return response
