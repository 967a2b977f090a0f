"""A runtime of Lambda that runs the code which the event brings. The image has it as entry point.

It is passed as text to the image's Python, so it imports nothing of ours.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import http.client
import json
import os
from typing import Any


def answer(event: dict[str, Any]) -> Any:
    """Run the event's code, and call its function `probe` with the event's arguments."""
    space: dict[str, Any] = {}
    exec(event["code"], space)  # noqa: S102 (the operator's own code, in a function of its own)
    return space["probe"](event["arguments"])


def serve(api: str) -> None:
    """Answer one event after the other."""
    while True:
        connection = http.client.HTTPConnection(api)
        connection.request("GET", "/2018-06-01/runtime/invocation/next")
        asked = connection.getresponse()
        event = json.loads(asked.read())
        request_id = asked.headers["Lambda-Runtime-Aws-Request-Id"]
        try:
            kind, body = "response", json.dumps(answer(event))
        except BaseException as error:
            told = {"errorType": type(error).__name__, "errorMessage": str(error)[:1000]}
            kind, body = "error", json.dumps(told)
        path = f"/2018-06-01/runtime/invocation/{request_id}/{kind}"
        connection.request("POST", path, body)
        connection.getresponse().read()


def handler(event: dict[str, Any], _context: object) -> Any:
    """Answer an event under Lambda's own runtime, where the function is a zip."""
    return answer(event)


if __name__ == "__main__":
    serve(os.environ["AWS_LAMBDA_RUNTIME_API"])
