"""A container's server by SageMaker's contract, as small as can be: `/ping` and `/invocations`.

The model is a file `model.json`: {"name", "fail"?: status}. A JSON list is answered with its sum, a
body of another type with its length, and {"wait": n} with n, once the file GATE_FILE is there.
"""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MODEL = json.loads((Path(os.environ["SAGEMAKER_BASE_DIR"]) / "model" / "model.json").read_text())


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(200 if self.path == "/ping" else 404, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "COUNT_FILE" in os.environ:
            with Path(os.environ["COUNT_FILE"]).open("ab") as file:
                file.write(body + b"\n")
        if MODEL.get("fail"):
            self._answer(MODEL["fail"], b"the model says no")
            return
        if self.headers["Content-Type"] != "application/json":
            self._tell({"bytes": len(body)})
            return
        values = json.loads(body)
        if isinstance(values, dict):
            while not Path(os.environ["GATE_FILE"]).exists():
                time.sleep(0.02)
            values = [values["wait"]]
        self._tell({"model": MODEL["name"], "predictions": [sum(values)]})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (as inherited)
        pass

    def _tell(self, value: object) -> None:
        self._answer(200, json.dumps(value).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    if sys.argv[1:] != ["serve"]:
        raise SystemExit("SageMaker starts a container with `serve`")
    Handler.disable_nagle_algorithm = True
    Server(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
