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
    parameters: Parameters = {}
    data: Any = msgspec.UNSET

    @property
    def dimensions(self) -> list[int]:
        """The shape in whole numbers."""
        return [int(size) for size in self.shape]


class RequestedOutput(msgspec.Struct):
    """One of `outputs`."""

    name: str
    parameters: Parameters = {}


class InferRequest(msgspec.Struct):
    """Body of `.../infer`. What other servers take besides is passed over, as in the protocol.

    Attributes:
        parameters: `method` for the default output, `binary_data_output` for the form of outputs.
    """

    inputs: list[InputTensor]
    id: str | None = None
    parameters: Parameters = {}
    outputs: list[RequestedOutput] = []

    def is_binary(self, output: RequestedOutput) -> bool:
        """Whether an output is wanted in binary."""
        default = self.parameters.get("binary_data_output", False)
        return output.parameters.get("binary_data", default) is True


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
    """An output of the answer, before it is written."""

    name: str
    result: Any
    is_binary: bool


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
    for tensor in request.inputs:
        if tensor.name in arrays:
            raise BadRequest(f"The input {tensor.name!r} is sent twice.", field="$.inputs")
        arrays[tensor.name], rest = _array(tensor, rest)
    if len(rest):
        raise BadRequest(f"{len(rest)} bytes are left over after the last binary tensor.")
    return request, arrays


def _array(tensor: InputTensor, rest: memoryview) -> tuple[Array, memoryview]:
    """Return the tensor, and the rest of the binary part."""
    if tensor.datatype not in tensors.KNOWN:
        known = ", ".join(tensors.KNOWN)
        raise BadRequest(f"{tensor.name}: there is no datatype {tensor.datatype!r}; use {known}.")
    if "shared_memory_region" in tensor.parameters:
        raise BadRequest(f"{tensor.name}: there is no shared memory here; send the data.")
    size = tensor.parameters.get("binary_data_size")
    try:
        if size is None:
            return tensors.from_json(tensor.data, tensor.datatype, tensor.dimensions), rest
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= len(rest):
            raise BadRequest(f"binary_data_size is {size!r}, and {len(rest)} bytes follow.")
        return tensors.from_bytes(rest[:size], tensor.datatype, tensor.dimensions), rest[size:]
    except BadRequest as error:
        raise BadRequest(f"The input {tensor.name!r}: {error}", field="$.inputs") from error


def write(response: InferResponse, outputs: Sequence[Output]) -> tuple[bytes, int]:
    """Write an answer; return its bytes, and the length of the JSON part."""
    binary: list[bytes] = []
    for output in outputs:
        datatype, array = tensors.of(output.result)
        tensor = OutputTensor(output.name, datatype, array.shape)
        if output.is_binary:
            binary.append(tensors.to_bytes(datatype, array))
            tensor.parameters = {"binary_data_size": len(binary[-1])}
        else:
            tensor.data = np.ravel(array).tolist()
        response.outputs.append(tensor)
    header = contract.encode(response)
    return b"".join([header, *binary]), len(header)
