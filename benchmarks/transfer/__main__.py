"""Measure the transfer of one object against other ways; see docs/benchmarks.md.

Run as `PYTHONPATH=.:lambdas python -m benchmarks.transfer`. Needs nginx (Debian: nginx-light) and
space for both objects and a copy in --folder.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.transfer import contestants, report
from benchmarks.transfer.server import nginx

ROOT = Path(__file__).resolve().parents[2]
RATE = "limit_rate 80m;"  # of each connection, in MiB/s
OURS = "ours, transfer.copy"
HELD = ["one stream", "download_file", "download_file, tuned", OURS]
# The floor: the same file, with no network.
FLOOR = "cp"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.transfer", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="times each is run (default 5)")
    parser.add_argument("--mib", type=int, default=1024, help="size of the object (default 1024)")
    parser.add_argument("--large-mib", type=int, default=2048, help="of the one for memory (2048)")
    parser.add_argument("--folder", type=Path, default="/dev/shm", help="for object and copies")  # noqa: S108 (memory, so that no disk is measured)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent, help="for figures")
    return parser.parse_args()


def write_object(folder: Path, mib: int) -> tuple[Path, str]:
    """Write a bucket with one random object; return its folder and the object's SHA-256."""
    path = folder / contestants.BUCKET / contestants.KEY
    path.parent.mkdir(parents=True)
    digest = hashlib.sha256()
    with Path("/dev/urandom").open("rb") as noise, path.open("wb") as file:
        for _ in range(mib):
            chunk = noise.read(2**20)
            digest.update(chunk)
            file.write(chunk)
    return folder, digest.hexdigest()


def run(endpoint: str, target: Path, name: str, digest: str) -> dict[str, Any]:
    """Run one contestant in a process of its own and check what it says of the content."""
    command = [sys.executable, "-m", "benchmarks.transfer.measure", endpoint, str(target), name]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'lambdas'}"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)  # noqa: S603 (our own arguments)
    figures: dict[str, Any] = json.loads(done.stdout)
    if figures.pop("digest") not in (None, digest):
        raise SystemExit(f"{name}: wrong content")
    target.unlink()
    return figures


def run_floor(root: Path, target: Path) -> dict[str, Any]:
    """Copy the file itself."""
    path = root / contestants.BUCKET / contestants.KEY
    begun = time.perf_counter()
    subprocess.run(["/bin/cp", "--reflink=never", str(path), str(target)], check=True)  # noqa: S603 (our own arguments)
    seconds = time.perf_counter() - begun
    target.unlink()
    return {"seconds": seconds}


def main() -> None:
    """Run all, one after the other, as many rounds as asked, and write the figures."""
    options = arguments()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=options.folder)))
        target = folder / "copy"
        root, digest = write_object(folder / "root", options.mib)
        free = stack.enter_context(nginx(root, folder))
        held = stack.enter_context(nginx(root, folder, RATE))
        figures: dict[str, dict[str, list[dict[str, Any]]]] = {"free": {}, "held": {}, "large": {}}
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
            figures["free"].setdefault(FLOOR, []).append(run_floor(root, target))
            for name in contestants.ALL:
                figures["free"].setdefault(name, []).append(run(free, target, name, digest))
            for name in HELD:
                figures["held"].setdefault(name, []).append(run(held, target, name, digest))
        large_root, large = write_object(folder / "large", options.large_mib)
        endpoint = stack.enter_context(nginx(large_root, folder))
        figures["large"][OURS] = [run(endpoint, target, OURS, large)]
    report.write(options, figures)


if __name__ == "__main__":
    main()
