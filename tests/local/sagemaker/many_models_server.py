"""A server that keeps SageMaker's contract for many models, and has room for two.

A model's folder has a file `model.json`: its name, and with `broken` it can't be loaded.
"""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOM = 2
models: dict[str, Any] = {}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.answer(200, {})

    def do_DELETE(self) -> None:
        tell(f"unload {models.pop(self.path.split('/')[2])['name']}")
        self.answer(200, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/models":
            asked = json.loads(body)
            self.answer(self.load(asked["model_name"], Path(asked["url"])), {})
        else:
            model = models[self.path.split("/")[2]]
            target = self.headers["X-Amzn-SageMaker-Target-Model"]
            told = {"model": model["name"], "target": target, "body": body.decode()}
            self.answer(model.get("status", 200), told)

    def load(self, name: str, folder: Path) -> int:
        model = json.loads((folder / "model.json").read_text("utf-8"))
        if model.get("broken"):
            return 400
        if len(models) >= ROOM:
            tell(f"no room for {model['name']}")
            return 507
        models[name] = model
        tell(f"load {model['name']}")
        return 200

    def answer(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def tell(call: str) -> None:
    with Path(os.environ["CALLS_FILE"]).open("a") as file:
        file.write(f"{call}\n")


if __name__ == "__main__":
    assert os.environ["SAGEMAKER_MULTI_MODEL"] == "true"
    port = int(os.environ["SAGEMAKER_BIND_TO_PORT"])
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
