"""How a deployed stage is reached: clients, names, and signed requests to the API."""

import json
import time
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

from modelmount.target import Target

ANSWER_SECONDS = 35
THROTTLED_PAUSE = 1.0


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body; raises ValueError if it is none."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """Status and the beginning of the body, for a report."""
        return f"{self.status} {self.body[:300].decode('utf-8', 'replace')}"


@dataclass(frozen=True)
class Access:
    """A stage that is there.

    Attributes:
        api: base URL of the API, without a slash at its end.
        topic: of notices.
        session: with the credentials and the region of the stage.
        endpoint: of S3, SQS and SNS, where it isn't AWS's own.
    """

    target: Target
    api: str
    bucket: str
    topic: str
    session: boto3.Session
    endpoint: str | None = None

    def client(self, service: str) -> Any:
        """Return a client of S3, SQS or SNS."""
        session: Any = self.session
        return session.client(service, endpoint_url=self.endpoint)

    def call(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        sign: bool = True,
        secret: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send a request to the API; a throttled one is sent again.

        Args:
            sign: by Signature Version 4.
            secret: in place of the real secret key.
        """
        for _ in range(5):
            request = AWSRequest(method, self.api + path, headers=headers or {}, data=body)
            if sign:
                SigV4Auth(self._credentials(secret), "execute-api", self._region).add_auth(request)
            got = URLLib3Session(timeout=ANSWER_SECONDS).send(request.prepare())
            if got.status_code != 429:
                break
            time.sleep(THROTTLED_PAUSE)
        names = {name.lower(): value for name, value in got.headers.items()}
        return Answer(got.status_code, names, got.content)

    def infer(self, model: str, instances: list[Any]) -> Answer:
        """Ask a model for predictions."""
        body = {"model": model, "instances": instances}
        return self.call("POST", "/inference", json.dumps(body).encode())

    @property
    def _region(self) -> str:
        return str(self.session.region_name)

    def _credentials(self, secret: str | None) -> Credentials:
        found = self.session.get_credentials()
        if found is None:
            raise ValueError("There are no credentials.")
        frozen = found.get_frozen_credentials()
        return Credentials(str(frozen.access_key), secret or str(frozen.secret_key), frozen.token)
