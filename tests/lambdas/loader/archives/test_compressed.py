"""One compressed file: unpacked by content, under the limits of an archive."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from loader.archives import compressed
from serving.errors import UploadRejected
from serving.records.naming import digest

CONTENT = b"hello there" * 5000
WAYS: dict[str, Callable[[bytes], bytes]] = {
    "m.onnx.gz": gzip.compress,
    "m.pkl.bz2": bz2.compress,
    "m.pkl.xz": lzma.compress,
    "m.pkl.lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "m.pkl.z": zlib.compress,
    "two.pkl.gz": lambda data: gzip.compress(data[:100]) + gzip.compress(data[100:]),
    "other.pkl.gz": bz2.compress,
    "plain.pkl.gz": bytes,
}


@pytest.mark.parametrize("name", WAYS)
def test_the_content_comes_out_whole(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(WAYS[name](CONTENT))
    file = compressed.unpack(tmp_path / name, tmp_path, 10**9)
    assert (file.name, file.size) == (name.rpartition(".")[0], len(CONTENT))
    assert (tmp_path / file.name).read_bytes() == CONTENT
    assert file.sha256.startswith(digest(CONTENT.decode()))


@pytest.mark.parametrize("name", [name for name in WAYS if name != "plain.pkl.gz"])
def test_a_file_that_is_cut_off_is_refused_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(WAYS[name](CONTENT)[:-9])
    _refuses(tmp_path, name)


@pytest.mark.parametrize("name", ["m.onnx.gz", "m.pkl.z"])
def test_other_data_after_the_end_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(WAYS[name](CONTENT) + b"more")
    _refuses(tmp_path, name)


def _refuses(folder: Path, name: str) -> None:
    with pytest.raises(UploadRejected, match="upload it as it is") as refused:
        compressed.unpack(folder / name, folder, 10**9)
    assert refused.value.rejection_code == "BAD_ARCHIVE"
    assert [path.name for path in folder.iterdir()] == [name]


@pytest.mark.parametrize(
    ("name", "way"), [("b.gz", "m.onnx.gz"), ("b.xz", "m.pkl.xz"), ("b.z", "m.pkl.z")]
)
def test_a_bomb_is_stopped_at_the_limit(tmp_path: Path, name: str, way: str) -> None:
    (tmp_path / name).write_bytes(WAYS[way](bytes(40 << 20)))
    for limit in (10**9, 1000):
        with pytest.raises(UploadRejected, match=r"has more than \d+ bytes"):
            compressed.unpack(tmp_path / name, tmp_path, limit)
