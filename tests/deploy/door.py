"""MiniStack's way into the relay: it posts each event of a function to an address of its own."""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.deploy.relay import Relay


class _Door(BaseHTTPRequestHandler):
    relay: Relay

    def do_POST(self) -> None:
        """Answer one event, at /<the function's name in the template>."""
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        deployed = self.headers["X-Amzn-Lambda-Function-Name"]
        status, answer = self.relay.handle(self.path.strip("/"), deployed, event)
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the relay keeps the results."""


@contextlib.contextmanager
def listening(relay: Relay) -> Iterator[str]:
    """Listen on loopback; yield the address as a URL."""
    handler = type("Door", (_Door,), {"relay": relay})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
