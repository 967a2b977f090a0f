"""Enforces the template's authorization, API keys and limits."""

import dataclasses
import time
from collections.abc import Callable
from datetime import UTC, datetime

from local.assembly.resources.rest_api import ApiKey, Method, RestApi
from local.errors import AssemblyError
from local.gateway import sigv4
from local.gateway.caller_credentials import CallerCredentials
from local.gateway.gateway_responses import INVALID_API_KEY, THROTTLED, Fault
from local.gateway.http_messages import ApiRequest
from local.gateway.token_bucket import TokenBucket

ENFORCED = {"NONE", "AWS_IAM"}


class AccessControl:
    """Checks whether a caller may invoke a method of one stage.

    Args:
        region: the region in the scope of signatures.
        clock: seconds since the epoch.

    Raises:
        AssemblyError: a method needs an authorization that only AWS can check.
    """

    def __init__(
        self,
        api: RestApi,
        account: str,
        region: str,
        credentials: CallerCredentials,
        clock: Callable[[], float] = time.time,
    ) -> None:
        for method in api.methods:
            if method.authorization not in ENFORCED:
                raise AssemblyError(
                    f"{method.verb} {method.path} asks for {method.authorization}, which can't be "
                    "checked here: run with API_AUTH=none"
                )
        self._stage = api.stage
        self._account = account
        self._region = region
        self._credentials = credentials
        self._clock = clock
        self._limit = TokenBucket(api.limit, clock) if api.limit else None
        self._keys = {key.value or credentials.api_key: key for key in api.keys}
        self._limits = {key.id: TokenBucket(key.limit, clock) for key in api.keys if key.limit}

    def admit(self, method: Method, request: ApiRequest) -> ApiRequest | Fault:
        """Returns the request with its caller's identity, or the fault that refuses it."""
        if method.authorization == "AWS_IAM" and (fault := self._verify(request)):
            return fault
        key = self._keys.get(request.headers.get("X-Api-Key", ""))
        if method.key_required and key is None:
            return INVALID_API_KEY
        limits = [self._limit, self._limits.get(key.id) if method.key_required and key else None]
        if not all(limit.admit() for limit in limits if limit):
            return THROTTLED
        return dataclasses.replace(request, identity=self._identity(method, key))

    def _verify(self, request: ApiRequest) -> Fault | None:
        query = f"?{request.query}" if request.query else ""
        return sigv4.verify(
            request,
            f"/{self._stage}{request.path}{query}",
            self._credentials,
            self._region,
            datetime.fromtimestamp(self._clock(), UTC),
        )

    def _identity(self, method: Method, key: ApiKey | None) -> dict[str, str]:
        if method.authorization == "AWS_IAM":
            return {
                "accessKey": self._credentials.access_key,
                "accountId": self._account,
                "caller": "local",
                "user": "local",
                "userArn": f"arn:aws:iam::{self._account}:user/local",
            }
        if method.key_required and key:
            return {"apiKey": key.value or self._credentials.api_key, "apiKeyId": key.id}
        return {}
