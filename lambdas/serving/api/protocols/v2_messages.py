"""Messages of the Open Inference Protocol, from bytes to arrays and from results to bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np

from serving.api import contract
from serving.api.protocols import tensors
from serving.api.protocols.tensors import Array
from serving.errors import BadRequest

LENGTH_HEADER = "inference-header-content-length"
Parameters = dict[str, Any]
# JSON has no whole numbers: 2.0 is one.
Dimension = Annotated[float, msgspec.Meta(ge=0, multiple_of=1)]


class InputTensor(msgspec.Struct):
    """One of `inputs`; `data` is left out where the tensor follows in binary."""

    name: str
    shape: Annotated[Sequence[Dimension], msgspec.Meta(min_length=1, max_length=8)]
    datatype: str
    parameters: Parameters | None = None
    data: Any = msgspec.UNSET

    @property
    def dimensions(self) -> list[int]:
        """The shape in whole numbers."""
        return [int(size) for size in self.shape]


class RequestedOutput(msgspec.Struct):
    """One of `outputs`."""

    name: str
    parameters: Parameters | None = None


class InferRequest(msgspec.Struct):
    """Body of `.../infer`. What other servers take besides is passed over, as in the protocol.

    Fields that may be left out may be null, as clients that are generated from OpenAPI send them.

    Attributes:
        parameters: `method` for the default output, `binary_data_output` for the form of outputs.
    """

    inputs: list[InputTensor]
    id: str | None = None
    parameters: Parameters | None = None
    outputs: list[RequestedOutput] | None = None

    def parameter(self, name: str) -> Any:
        """Return a parameter of the request; None where there is none."""
        return (self.parameters or {}).get(name)

    def is_binary(self, output: RequestedOutput) -> bool:
        """Whether an output is wanted in binary."""
        default = self.parameter("binary_data_output")
        return (output.parameters or {}).get("binary_data", default) is True


class OutputTensor(msgspec.Struct, omit_defaults=True):
    """One of the answer's `outputs`."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    parameters: Parameters = {}
    data: Any = None


class InferResponse(msgspec.Struct, omit_defaults=True):
    """Answer of `.../infer`."""

    model_name: str
    model_version: str
    outputs: list[OutputTensor]
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """An output of the answer, before it is written; `datatype` is what the metadata promises."""

    name: str
    result: Any
    is_binary: bool
    datatype: str = ""


_decoder = msgspec.json.Decoder(InferRequest)
EXAMPLE = ' Send {"inputs": [{"name": ..., "shape": [...], "datatype": ..., "data": [...]}]}.'


def read(body: bytes, header_length: int) -> tuple[InferRequest, dict[str, Array]]:
    """Read a request of which so many bytes are JSON and the rest tensors.

    Raises:
        BadRequest: with the faulty field, where there is one.
    """
    request = contract.decode(_decoder, body[:header_length], EXAMPLE)
    if not request.inputs:
        raise BadRequest("inputs is empty; send at least one tensor.", field="$.inputs")
    rest, arrays = memoryview(body)[header_length:], {}
    for i, tensor in enumerate(request.inputs):
        if tensor.name in arrays:
            text = f"The input {tensor.name!r} is sent twice."
            raise BadRequest(text, field=f"$.inputs[{i}].name")
        try:
            arrays[tensor.name], rest = _array(tensor, rest)
        except BadRequest as error:
            text = f"The input {tensor.name!r:.200}: {error}"
            raise BadRequest(text, field=f"$.inputs[{i}]{error.field or ''}") from error
    if len(rest):
        raise BadRequest(f"{len(rest)} bytes are left over after the last binary tensor.")
    return request, arrays


def _array(tensor: InputTensor, rest: memoryview) -> tuple[Array, memoryview]:
    """Return the tensor, and the rest of the binary part; an error's field is within the tensor."""
    parameters = tensor.parameters or {}
    if tensor.datatype not in tensors.KNOWN:
        known = ", ".join(tensors.KNOWN)
        text = f"there is no datatype {tensor.datatype!r:.80}; use {known}."
        raise BadRequest(text, field=".datatype")
    if "shared_memory_region" in parameters:
        text = "there is no shared memory here; send the data."
        raise BadRequest(text, field=".parameters.shared_memory_region")
    size = parameters.get("binary_data_size")
    if size is None:
        return tensors.from_json(tensor.data, tensor.datatype, tensor.dimensions), rest
    field = ".parameters.binary_data_size"
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= len(rest):
        raise BadRequest(
            f"binary_data_size is {size!r:.80}, and {len(rest)} bytes follow.", field=field
        )
    if tensor.data is not msgspec.UNSET and tensor.data is not None:
        raise BadRequest("it has data and binary_data_size; send one of them.", field=field)
    return tensors.from_bytes(rest[:size], tensor.datatype, tensor.dimensions), rest[size:]


def write(response: InferResponse, outputs: Sequence[Output]) -> tuple[bytes, int]:
    """Write an answer; return its bytes, and the length of the JSON part."""
    binary: list[bytes] = []
    for output in outputs:
        datatype, array = tensors.of(output.result, output.datatype)
        tensor = OutputTensor(output.name, datatype, array.shape)
        if output.is_binary:
            binary.append(tensors.to_bytes(datatype, array))
            tensor.parameters = {"binary_data_size": len(binary[-1])}
        else:
            tensor.data = np.ravel(array).tolist()
        response.outputs.append(tensor)
    header = contract.encode(response)
    return b"".join([header, *binary]), len(header)
