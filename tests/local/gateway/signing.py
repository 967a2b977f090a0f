"""Requests signed as callers of API Gateway sign them: by botocore."""

from collections.abc import Mapping

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def signed_headers(
    verb: str, url: str, body: bytes = b"", *, access_key: str, secret_key: str, **scope: str
) -> dict[str, str]:
    """Return the headers to send along."""
    request = AWSRequest(verb, url, data=body)
    service, region = scope.get("service", "execute-api"), scope.get("region", "us-east-1")
    SigV4Auth(Credentials(access_key, secret_key), service, region).add_auth(request)
    return dict(request.headers.items())


def call(verb: str, url: str, pair: Mapping[str, str], body: bytes = b"") -> requests.Response:
    """Send a request signed with a pair of `access_key` and `secret_key`."""
    headers = signed_headers(verb, url, body, **pair)
    return requests.request(verb, url, data=body, headers=headers, timeout=35)
