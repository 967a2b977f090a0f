"""nginx with one file, as a bucket: path-style GET and HEAD are all that botocore needs of it."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIGURATION = """
daemon off; user root; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000;
    client_body_temp_path {folder}/temporary; proxy_temp_path {folder}/temporary;
    fastcgi_temp_path {folder}/temporary; uwsgi_temp_path {folder}/temporary;
    scgi_temp_path {folder}/temporary;
    server {{ listen 127.0.0.1:{port}; root {root}; {limit} }}
}}
"""


@contextmanager
def nginx(root: Path, folder: Path, limit: str = "") -> Iterator[str]:
    """Serve the folder on a free port; give the endpoint. `limit` is a directive."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        port = chosen.getsockname()[1]
    file = folder / f"nginx-{port}.conf"
    file.write_text(CONFIGURATION.format(folder=folder, port=port, root=root, limit=limit))
    command = [program, "-e", str(folder / "error.log"), "-c", str(file)]
    process = subprocess.Popen(command)  # noqa: S603 (our own arguments)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
