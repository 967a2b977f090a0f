"""The benchmark of transfers, at a size that takes seconds, with moto in nginx's place."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from benchmarks.transfer import __main__ as benchmark
from benchmarks.transfer import contestants, report


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def digest(endpoint: str, tmp_path: Path) -> str:
    """Upload what the benchmark would; return its SHA-256."""
    folder, digest = benchmark.write_object(tmp_path / "root", 1)
    s3 = contestants.client(endpoint)
    s3.create_bucket(Bucket=contestants.BUCKET)
    path = folder / contestants.BUCKET / contestants.KEY
    s3.put_object(Bucket=contestants.BUCKET, Key=contestants.KEY, Body=path.read_bytes())
    return digest


@pytest.mark.parametrize("name", contestants.ALL)
def test_each_contestant_gets_the_object(
    endpoint: str, digest: str, tmp_path: Path, name: str
) -> None:
    target = tmp_path / "copy"
    said = contestants.ALL[name](contestants.client(endpoint), target)
    assert said == (digest if name in contestants.VERIFIED else None)
    original = tmp_path / "root" / contestants.BUCKET / contestants.KEY
    assert target.read_bytes() == original.read_bytes()


def test_figures_are_measured_and_written(
    endpoint: str, digest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "copy"
    ours = [benchmark.run(endpoint, target, benchmark.OURS, digest)]
    floor = [benchmark.run_floor(tmp_path / "root", target)]
    figures = {kind: {benchmark.FLOOR: floor, benchmark.OURS: ours} for kind in report.TITLES}
    monkeypatch.setattr(report, "machine", dict)  # which asks for nginx's version
    options = argparse.Namespace(folder=tmp_path, rounds=1, mib=1, large_mib=1, output=tmp_path)
    report.write(options, figures)
    assert benchmark.OURS in (tmp_path / "results.md").read_text()
    assert json.loads((tmp_path / "results.json").read_text())["runs"] == figures
