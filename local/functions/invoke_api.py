"""Lambda's Invoke over HTTP, for boto3's client `lambda`.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import json
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from aiohttp import web

from local.functions.execution_environment_pool import REQUEST_LIMIT, ExecutionEnvironmentPool
from local.functions.runtime_api import Invocation

PREFIX, SUFFIX = "/2015-03-31/functions/", "/invocations"


class InvokeApi:
    """Invokes functions by name or ARN, synchronously or as an event."""

    def __init__(
        self, pools: Mapping[str, ExecutionEnvironmentPool], submit: Callable[[str, bytes], None]
    ) -> None:
        self._pools = {key: p for p in pools.values() for key in (p.function.name, p.function.arn)}
        self._submit = submit

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answers a request; any action but Invoke gets an error."""
        path = unquote(request.raw_path.partition("?")[0])
        name = path.removeprefix(PREFIX).removesuffix(SUFFIX)
        if request.method != "POST" or path != f"{PREFIX}{name}{SUFFIX}":
            return _error(404, "UnknownOperationException", "Only Invoke can be called here.")
        pool = self._pools.get(name)
        if pool is None:
            return _error(404, "ResourceNotFoundException", f"Function not found: {name}")
        payload = await request.content.read(REQUEST_LIMIT + 1) or b"{}"
        if len(payload) > REQUEST_LIMIT:
            text = f"the payload has more than {REQUEST_LIMIT} bytes"
            return _error(413, "RequestTooLargeException", text)
        if request.headers.get("X-Amz-Invocation-Type") == "Event":
            self._submit(pool.function.arn, payload)
            return web.Response(status=202)
        result = await pool.invoke(Invocation(payload))
        headers = {"X-Amz-Executed-Version": "$LATEST"}
        if result.error:
            headers["X-Amz-Function-Error"] = result.error
        return web.Response(body=result.payload, headers=headers)


def _error(status: int, kind: str, message: str) -> web.Response:
    body = json.dumps({"Type": "User", "Message": message})
    return web.Response(status=status, text=body, headers={"X-Amzn-ErrorType": kind})
