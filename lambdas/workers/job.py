"""The one model that a worker loads."""

import json
from dataclasses import dataclass
from pathlib import Path

from modelmount_compiler.chain import Chain
from modelmount_compiler.signature import Signature
from serving.records import codec
from workers.bounds import MIB, Bounds

GROWTH_BYTES = 64 * MIB


@dataclass(frozen=True, slots=True)
class Job:
    """A model to load, and the bounds to keep.

    Attributes:
        runtime: the module of `modelmount_compiler.frameworks` that loads it.
        folder: the version's folder, which is all that the worker may read of models.
        expected_bytes: the memory that the model took when it was prepared.
        reserved_bytes: address space beyond the bound, which its library takes and never touches.
        chain: how its objects belong together, where it is of several.
    """

    runtime: str
    format: str
    model_file: Path
    folder: Path
    signature: Signature
    expected_bytes: int
    bounds: Bounds
    reserved_bytes: int = 0
    chain: Chain | None = None

    @property
    def grown_bytes(self) -> int:
        """Memory beyond which a worker has grown, by answers that were large, or by a leak."""
        return 2 * self.expected_bytes + GROWTH_BYTES

    def dumps(self) -> bytes:
        """Write it as JSON: the worker may run another version of Python."""
        fields = codec.encode(self.signature)
        paths = str(self.model_file), str(self.folder)
        chain = None if self.chain is None else codec.encode(self.chain)
        rest = [self.expected_bytes, self.bounds, self.reserved_bytes, chain]
        return json.dumps([self.runtime, self.format, *paths, fields, *rest]).encode()

    @classmethod
    def loads(cls, data: bytes | memoryview) -> "Job":
        """Read what `dumps` wrote."""
        runtime, fmt, file, folder, fields, *rest = json.loads(bytes(data))
        expected, bounds, reserved, told = rest
        signature = codec.decode(Signature, fields)
        paths = Path(file), Path(folder)
        chain = None if told is None else codec.decode(Chain, told)
        return cls(runtime, fmt, *paths, signature, expected, Bounds(*bounds), reserved, chain)
