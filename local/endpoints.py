"""The addresses of a running local system, as `endpoints.json` in its state folder has them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Endpoints:
    """Base URLs, names and credentials of a running system.

    Attributes:
        api: base URL of the REST API, stage included.
        s3: base URL of S3, SQS and SNS.
        invoke: base URL of Lambda's Invoke.
        queues: URL of each queue, by name.
        outputs: the stacks' outputs, by name, with the values they would have on AWS.
        access_key, secret_key: the pair that signs requests to the API; S3 takes any.
        api_auth: `none`, or `template` if the API enforces the template's authorization.
        api_key: the value of `x-api-key`, if the API asks for one.
        sagemaker: base URL of SageMaker and its runtime; None if the stacks have no endpoint.
    """

    api: str
    s3: str
    invoke: str
    bucket: str
    region: str
    access_key: str
    secret_key: str
    pid: int
    queues: Mapping[str, str]
    outputs: Mapping[str, str]
    api_auth: str = "none"
    api_key: str | None = None
    sagemaker: str | None = None

    @classmethod
    def read(cls, path: Path) -> "Endpoints":
        """Reads the file. Raises FileNotFoundError while the system isn't ready."""
        return cls(**json.loads(path.read_text("utf-8")))

    def as_json(self) -> dict[str, object]:
        """Returns the content of the file."""
        return asdict(self)
