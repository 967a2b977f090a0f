"""Programs in files."""

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from modelmount_compiler.program import Node, Program, file
from modelmount_compiler.program.operations.linear.linear_models import Projection
from modelmount_compiler.program.operations.outputs.labels import Names
from modelmount_compiler.program.operations.outputs.multiclass import Votes
from modelmount_compiler.program.safetensors import Stored, save
from modelmount_compiler.signature import Signature


@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_keep_their_order_in_memory(order: str, tmp_path: Path) -> None:
    weights = np.array(np.random.default_rng(0).normal(size=(64, 10)), order=order)  # type: ignore[call-overload]
    file.write(tmp_path / "compiled", Program([Node(Projection(weights), (0,))], {"transform": 1}))
    operation = file.read(tmp_path / "compiled").nodes[0].operation
    assert isinstance(operation, Projection)
    found = operation.weights
    np.testing.assert_array_equal(found, weights)
    assert found.flags.f_contiguous == weights.flags.f_contiguous
    x = np.random.default_rng(1).normal(size=(5, 64))
    np.testing.assert_array_equal(x @ found, x @ weights)


def program() -> Program:
    return Program([Node(Projection(np.eye(2)), (0,))], {"transform": 1})


SIGNATURE = Signature("matrix", "number", 2, ("a", "ç"), False, ("transform",), ["x", 1, True])


def test_a_signature_is_kept(tmp_path: Path) -> None:
    file.write(tmp_path / "with", program(), SIGNATURE)
    file.write(tmp_path / "without", program())
    assert file.read_with_signature(tmp_path / "with")[1] == SIGNATURE
    assert file.read_with_signature(tmp_path / "without")[1] is None
    assert file.read(tmp_path / "with").outputs == {"transform": 1}


def texts_of(path: Path) -> dict[str, str]:
    return Stored(path).texts


def test_what_a_later_version_adds_is_ignored(tmp_path: Path) -> None:
    file.write(tmp_path / "compiled", program(), SIGNATURE)
    texts = texts_of(tmp_path / "compiled")
    about = json.loads(texts["signature"]) | {"units": ["m", "s"]}
    more = texts | {"signature": json.dumps(about), "author": "somebody"}
    save(tmp_path / "later", Stored(tmp_path / "compiled").arrays(), more)
    assert file.read_with_signature(tmp_path / "later")[1] == SIGNATURE


def test_a_newer_format_is_told(tmp_path: Path) -> None:
    save(tmp_path / "newer", {}, {"format": "2", "operations": "in another place"})
    with pytest.raises(ValueError, match=r"of format 2, and this version .* reads format 1: "):
        file.read(tmp_path / "newer")


def test_an_unknown_operation_is_told(tmp_path: Path) -> None:
    file.write(tmp_path / "compiled", program())
    texts = texts_of(tmp_path / "compiled")
    newer = texts["program"].replace("linear.Projection", "linear.Levitation")
    arrays = Stored(tmp_path / "compiled").arrays()
    save(tmp_path / "newer", arrays, texts | {"program": newer})
    with pytest.raises(ValueError, match=r"has no operation 'linear\.Levitation': install"):
        file.read(tmp_path / "newer")


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\x02" + bytes(7) + b"[]", b"\x80\x04\x95" + bytes(200)]
)
def test_what_is_no_program_is_told(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(ValueError, match="other is no compiled model"):
        file.read(tmp_path / "other")


def test_weights_of_another_kind_are_told(tmp_path: Path) -> None:
    save_file({"w": np.eye(2)}, tmp_path / "weights", {"format": "pt"})
    with pytest.raises(ValueError, match="weights is no compiled model"):
        file.read(tmp_path / "weights")


ARRAYS = {
    f"{place}.{dtype}": (np.arange(6).reshape(2, 3) % 2).astype(dtype)
    for place, dtype in enumerate(("?", "i1", "u1", "i2", "u2", "i4", "u4", "f4", "i8", "u8", "f8"))
}
ARRAYS |= {"empty": np.empty((0, 3)), "scalar": np.array(2.5), "größe": np.ones((1, 2, 3), "f4")}


def test_the_library_writes_the_same_bytes(tmp_path: Path) -> None:
    texts = {"program": json.dumps({"ü": 'a "b"\n\x7f'})}
    save(tmp_path / "ours", ARRAYS, texts)
    save_file(ARRAYS, tmp_path / "theirs", texts)
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()


def test_the_library_reads_what_is_written(tmp_path: Path) -> None:
    big = {"big-endian": np.arange(4, dtype=">f8"), "columns": np.asfortranarray(np.eye(3)[:, :2])}
    save(tmp_path / "ours", ARRAYS | big, {"one": "1", "two": "2"})
    found = load_file(tmp_path / "ours")
    assert found.keys() == {*ARRAYS, *big}
    for name, array in (ARRAYS | big).items():
        np.testing.assert_array_equal(found[name], array)
        np.testing.assert_array_equal(Stored(tmp_path / "ours").arrays()[name], array)


@pytest.mark.parametrize("count", [10**9, -(10**9), 2.5, "2"])
def test_counts_beyond_the_file_are_refused(count: object, tmp_path: Path) -> None:
    """A number that says how much memory to take is no larger than what the file has."""
    file.write(tmp_path / "sound", Program([Node(Votes(3), (0, 0))], {"transform": 1}))
    texts = texts_of(tmp_path / "sound")
    damaged = texts["program"].replace('"classes": 3', f'"classes": {json.dumps(count)}')
    save(tmp_path / "damaged", {}, texts | {"program": damaged})
    with pytest.raises(ValueError, match="Votes: classes is damaged"):
        file.read(tmp_path / "damaged")


def test_votes_of_other_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match="60000 classes don't have 3 pairs"):
        Votes(60_000)(np.zeros((1, 3)), np.zeros((1, 3)))


def test_texts_longer_than_the_file_are_refused(tmp_path: Path) -> None:
    names = Program([Node(Names(np.array(["a", "b"])), (0,))], {"transform": 1})
    file.write(tmp_path / "sound", names)
    texts = texts_of(tmp_path / "sound")
    damaged = texts["program"].replace("<U1", "<U90000000")
    assert damaged != texts["program"]
    save(tmp_path / "damaged", {}, texts | {"program": damaged})
    with pytest.raises(ValueError, match="longer than the file"):
        file.read(tmp_path / "damaged")
