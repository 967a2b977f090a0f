"""The container's server against its peers: requests a second of one worker, over 8 connections.

python -m benchmarks.server [--rounds N] [--seconds S] [--venvs FOLDER] [--out FILE]
python -m benchmarks.server --install [--venvs FOLDER]

Each peer is installed from PyPI into an environment of its own and trains the models by the same
script with the versions that it takes. All servers are up at once, on one processor, and are asked
in turn, round by round, from another.
"""

import argparse
import contextlib
import json
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.server import load, text
from benchmarks.server.contestants import ALL, Contestant, body, folder_for
from benchmarks.server.processes import serving
from benchmarks.server.venvs import python_of
from benchmarks.serving.machine import describe

MODELS = ("pipeline", "forest")
CONNECTIONS = 8
SERVER_CORE, CLIENT_CORE = 0, 1
VENVS = Path.home() / ".cache" / "modelmount-benchmarks"


def main() -> None:
    """Measure, print a table and write the figures."""
    arguments = _arguments()
    if arguments.install:
        for peer in ALL:
            print(python_of(peer.name, peer.requirements, arguments.venvs), flush=True)
        return
    peers = {peer.name: peer.requirements for peer in ALL if peer.requirements}
    figures: dict[str, Any] = {"machine": describe(), "peers": peers, "requests a second": {}}
    with tempfile.TemporaryDirectory() as name:
        for model in MODELS:
            runs = measure(model, Path(name), arguments)
            figures["requests a second"][model] = {
                peer: _summary(each) for peer, each in runs.items()
            }
            _show(model, figures["requests a second"][model])
        figures["text"] = text.measure(Path(name), arguments.rounds, arguments.seconds)
    print(json.dumps(figures["text"]))
    if arguments.out:
        arguments.out.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


def measure(
    model: str, root: Path, arguments: argparse.Namespace
) -> dict[str, list[dict[str, float]]]:
    """Start all servers, and ask each of them in every round."""
    runs: dict[str, list[dict[str, float]]] = {peer.name: [] for peer in ALL}
    with contextlib.ExitStack() as stack:
        ports = {peer.name: stack.enter_context(_up(peer, model, root, arguments)) for peer in ALL}
        os.sched_setaffinity(0, {CLIENT_CORE})
        for number in range(arguments.rounds + 1):  # of which the first one warms up
            for peer in ALL:
                sent = load.request(peer.path, body(peer, model))
                run = load.run(ports[peer.name], sent, CONNECTIONS, arguments.seconds)
                if number:
                    runs[peer.name].append(run)
    return runs


@contextlib.contextmanager
def _up(peer: Contestant, model: str, root: Path, arguments: argparse.Namespace) -> Any:
    python = python_of(peer.name, peer.requirements, arguments.venvs)
    folder = folder_for(peer, model, python, root)
    with serving(peer, python, folder, SERVER_CORE) as port:
        yield port


def _summary(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(run[name] for run in runs), 3) for name in runs[0]}


def _show(model: str, summaries: dict[str, dict[str, float]]) -> None:
    ours = summaries[ALL[0].name]["per_second"]
    print(f"{model}: requests a second, ours / theirs, p50 and p99 in ms")
    for name, each in summaries.items():
        rate = each["per_second"]
        times = f"{each['p50_ms']:7.2f} {each['p99_ms']:7.2f}"
        print(f"  {name:24} {rate:9.0f} {ours / rate:6.1f} {times}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of one server in one round")
    parser.add_argument("--venvs", type=Path, default=VENVS)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--install", action="store_true", help="install the peers, and no more")
    return parser.parse_args()


if __name__ == "__main__":
    main()
