"""Unpacks the bodies of requests, as API Gateway does unasked.

It unpacks gzip and deflate before it invokes the function, whether or not the API has a
`MinimumCompressionSize`, which is for answers. It answers 415 to other codings, and to a body that
isn't what Content-Encoding says:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-make-request-with-compressed-payload.html

The function still gets the header, as was observed:
https://github.com/dougmoscrop/serverless-http/issues/194
"""

import dataclasses
import zlib

from local.gateway.gateway_responses import TOO_LARGE, UNSUPPORTED_CODING, Fault
from local.gateway.http_messages import ApiRequest

WINDOWS = {"gzip": zlib.MAX_WBITS + 16, "deflate": zlib.MAX_WBITS}


def unpack(request: ApiRequest, limit: int) -> ApiRequest | Fault:
    """Returns the request with its body unpacked, or the fault that refuses it."""
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding == "identity" or not request.body:
        return request
    window = WINDOWS.get(coding)
    if window is None:
        return UNSUPPORTED_CODING
    try:
        body = _unpacked(request.body, window, limit)
    except zlib.error:
        return UNSUPPORTED_CODING
    return TOO_LARGE if len(body) > limit else dataclasses.replace(request, body=body)


def _unpacked(packed: bytes, window: int, limit: int) -> bytes:
    """Returns the body, or a byte more than the limit; raises `zlib.error`."""
    body = b""
    while packed and len(body) <= limit:
        stream = zlib.decompressobj(window)
        body += stream.decompress(packed, limit - len(body) + 1)
        if not stream.eof and len(body) <= limit:
            raise zlib.error("it ends too early")
        packed = stream.unused_data  # a gzip file may have several members
    return body
