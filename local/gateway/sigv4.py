"""Verifies Signature Version 4: botocore's signer signs again, and the signatures must be equal.

https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPMessage
from typing import Self

from botocore import credentials as botocore_credentials
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from local.gateway.caller_credentials import CallerCredentials
from local.gateway.gateway_responses import NOT_FOUND, Fault
from local.gateway.http_messages import ApiRequest

SERVICE = "execute-api"
TOLERANCE = timedelta(minutes=5)
TIMESTAMP = "%Y%m%dT%H%M%SZ"

# An unknown route says "Missing Authentication Token" too: on AWS they are the same.
UNSIGNED = NOT_FOUND
# AWS documents no type for these two.
INCOMPLETE = Fault(
    "DEFAULT_4XX",
    403,
    "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters, "
    "'host' and 'x-amz-date' among the signed headers, and the header 'X-Amz-Date'.",
)
UNKNOWN_KEY = Fault("DEFAULT_4XX", 403, "The security token included in the request is invalid.")
WRONG_SIGNATURE = Fault(
    "INVALID_SIGNATURE",
    403,
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details.",
)
WRONG_SCOPE = Fault(
    "INVALID_SIGNATURE", 403, "Credential should be scoped to a valid region and 'execute-api'."
)
OUT_OF_TIME = Fault(
    "INVALID_SIGNATURE", 403, "Signature expired, or not yet current: X-Amz-Date is 5 minutes off."
)

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request,\s*"
    r"SignedHeaders=([a-z0-9;._-]+),\s*Signature=([0-9a-f]{64})"
)


@dataclass(frozen=True)
class Signature:
    """The content of an Authorization header."""

    access_key: str
    day: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    digest: str

    @classmethod
    def parse(cls, header: str) -> Self | None:
        """Parses the header. Returns None if it is incomplete or of another version."""
        match = _AUTHORIZATION.fullmatch(header.strip())
        if match is None:
            return None
        access_key, day, region, service, names, digest = match.groups()
        return cls(access_key, day, region, service, tuple(names.split(";")), digest)


def verify(
    request: ApiRequest, target: str, credentials: CallerCredentials, region: str, now: datetime
) -> Fault | None:
    """Returns the fault that refuses the request, or None if its signature is right.

    Args:
        target: path and query as the client sent them, stage included.
    """
    if "Authorization" not in request.headers:
        return UNSIGNED
    signature = Signature.parse(request.headers["Authorization"])
    timestamp = request.headers.get("X-Amz-Date", "")
    if signature is None or not {"host", "x-amz-date"} <= set(signature.signed_headers):
        return INCOMPLETE
    if signature.access_key != credentials.access_key:
        return UNKNOWN_KEY
    if (signature.region, signature.service) != (region, SERVICE):
        return WRONG_SCOPE
    if not timestamp.startswith(signature.day) or not _is_current(timestamp, now):
        return OUT_OF_TIME
    signer = _Resigner(request, signature, credentials)
    if not hmac.compare_digest(signer.sign(target, timestamp), signature.digest):
        return WRONG_SIGNATURE
    return None


def _is_current(timestamp: str, now: datetime) -> bool:
    try:
        signed = datetime.strptime(timestamp, TIMESTAMP).replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(now - signed) <= TOLERANCE


class _Resigner(SigV4Auth):
    """Signs a received request again: the headers that the caller named, and the body."""

    def __init__(
        self, request: ApiRequest, signature: Signature, credentials: CallerCredentials
    ) -> None:
        pair = botocore_credentials.Credentials(credentials.access_key, credentials.secret_key)
        super().__init__(pair, signature.service, signature.region)
        self._request = request
        self._names = signature.signed_headers

    def sign(self, target: str, timestamp: str) -> str:
        again = AWSRequest(self._request.verb, f"http://local{target}")
        again.context["timestamp"] = timestamp
        canonical = self.canonical_request(again)
        return self.signature(self.string_to_sign(again, canonical), again)

    def headers_to_sign(self, _request: AWSRequest) -> HTTPMessage:
        headers = HTTPMessage()
        for name in self._names:
            for value in self._request.headers.getall(name, [""]):
                headers[name] = value
        return headers

    def payload(self, _request: AWSRequest) -> str:
        return hashlib.sha256(self._request.body).hexdigest()
