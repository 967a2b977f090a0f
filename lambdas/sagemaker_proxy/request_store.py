"""Stores asynchronous requests in the bucket, each under an id that nobody can guess.

Every key is made here from an id of fixed form, so that no id leads to another object.
"""

import json
import re
import secrets
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A queued request.

    Attributes:
        output, failure: keys of the answer and of the failure; one of the two will come to be.
        at: seconds since 1970.
    """

    endpoint: str
    output: str
    failure: str
    at: float


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object's size and type."""

    size: int
    content_type: str


class RequestStore:
    """The requests, inputs and answers in one bucket."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    @staticmethod
    def new_id() -> str:
        """Return an id of 128 random bits."""
        return secrets.token_hex(16)

    def input_key(self, endpoint: str, request_id: str) -> str:
        """Return the key of a request's input, which only its endpoint's role reads."""
        return f"inputs/{endpoint}/{request_id}"

    def uri(self, key: str) -> str:
        """Return the URI of a key, which SageMaker takes."""
        return f"s3://{self._bucket}/{key}"

    def key(self, uri: str) -> str:
        """Return the key of a URI that SageMaker gave."""
        return uri.removeprefix(f"s3://{self._bucket}/")

    def put_input(self, key: str, body: bytes, content_type: str) -> None:
        """Store an input."""
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)

    def save(self, request_id: str, request: StoredRequest) -> None:
        """Store a request."""
        body = json.dumps(asdict(request)).encode()
        self._s3.put_object(Bucket=self._bucket, Key=f"requests/{request_id}", Body=body)

    def load(self, request_id: str) -> StoredRequest | None:
        """Return the request with this id, None where there is none."""
        if not ID.fullmatch(request_id):
            return None
        body = self.read(f"requests/{request_id}")
        return None if body is None else StoredRequest(**json.loads(body))

    def find(self, key: str) -> StoredObject | None:
        """Return an object's size and type, None where there is none."""
        try:
            found = self._s3.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "404":
                return None
            raise
        return StoredObject(found["ContentLength"], found.get("ContentType", ""))

    def read(self, key: str) -> bytes | None:
        """Return an object's bytes, None where there is none."""
        try:
            return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise

    def upload_url(self, key: str, seconds: int) -> str:
        """Return a URL at which an input can be PUT."""
        return self._signed("put_object", key, seconds)

    def download_url(self, key: str, seconds: int) -> str:
        """Return a URL at which an answer can be read."""
        return self._signed("get_object", key, seconds)

    def _signed(self, operation: str, key: str, seconds: int) -> str:
        return self._s3.generate_presigned_url(
            operation, Params={"Bucket": self._bucket, "Key": key}, ExpiresIn=seconds
        )


def age(request: StoredRequest) -> float:
    """Return the age of a request in seconds."""
    return time.time() - request.at
