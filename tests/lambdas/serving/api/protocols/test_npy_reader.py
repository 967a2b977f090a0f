"""Bodies of `numpy.save`: what is right is read in place, all else is told with a way out."""

import io
from typing import Any

import numpy as np
import pytest

from modelmount_compiler.signature import Signature
from serving.api.protocols import npy_reader
from serving.errors import BadRequest

MATRIX = Signature("matrix", "number", 2, None, allows_missing=True, methods=("predict",))
TEXT = Signature("text", "any", None, None, allows_missing=True, methods=("predict",))
ROWS = np.array([[1, 2], [3, 4]])


def npy(array: np.ndarray, **how: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **how)
    return file.getvalue()


def claiming(shape: str, descr: str = "'<f8'", values: bytes = bytes(32)) -> bytes:
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + values


@pytest.mark.parametrize(
    "array",
    [
        ROWS,
        np.asfortranarray(ROWS),
        ROWS.astype(">i4"),
        ROWS.astype(">f8"),
        ROWS.astype("<f2"),
        ROWS.astype("u1"),
        ROWS.astype(np.longdouble),
        ROWS > 2,
        np.asfortranarray(ROWS.astype(">u2")),
    ],
    ids=lambda array: f"{array.dtype.str} {array.flags.c_contiguous}",
)
def test_every_order_and_width_of_numbers_is_read(array: np.ndarray) -> None:
    found = npy_reader.read_batch(npy(array), MATRIX)
    assert np.array_equal(np.asarray(found), array)


def test_texts_are_read() -> None:
    assert npy_reader.read_batch(npy(np.array(["é", "b"])), TEXT) == ["é", "b"]
    assert npy_reader.read_batch(npy(np.array([["é"], ["b"]], ">U3")), TEXT) == ["é", "b"]
    assert npy_reader.read_batch(npy(np.array([["a", "b"]])), MATRIX) == [["a", "b"]]


STRUCTURED = np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")])


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty"),
        (b"x", "isn't one that numpy.save writes"),
        (b"\x93NUMPY", "isn't one"),
        (b"\x93NUMPY\x01\x00\xff\xff{", "isn't one"),
        (b"\x93NUMPY\x09\x00" + bytes(30), "structured"),
        (claiming("(999999999999, 4)"), "32 bytes follow its header"),
        (claiming("(18446744073709551616, 4)"), "32 bytes follow"),
        (claiming("(-1, -4)"), "no values"),
        (claiming("(1000000000, 0)", values=b""), "no values"),
        (claiming("(0, 2)", values=b""), "no values"),
        (claiming("(2.0, 2)"), "isn't one"),
        (claiming("(2, 2)", values=bytes(33)), "33 bytes follow"),
        (claiming("(4,)"), r"array.reshape\(1, -1\)"),
        (claiming("()", values=bytes(8)), "send the shape"),
        (claiming("(2, 2)", "(" * 2000), "isn't one"),
        (claiming("(2, 2)", "__import__('os')"), "isn't one"),
        (claiming("(1, 2)", "'<U2'", b"\xff" * 16), "Unicode"),
        (claiming("(1, 1)", "'<U1'", b"\x00\xd8\x00\x00"), "Unicode"),
        (claiming("(1, 2)", "'|b1'", b"\x01\x02"), "boolean"),
        (claiming("(1, 2)", "'<U0'", b""), "no values"),
        (npy(ROWS.astype(object), allow_pickle=True), "pickle"),
        (npy(STRUCTURED), "structured"),
        (npy(ROWS.astype(complex)), "complex"),
        (npy(ROWS.astype("M8[D]")), "ISO 8601"),
        (npy(ROWS.astype("m8[s]")), "durations"),
        (npy(ROWS.astype("S3")), "astype"),
        (npy(np.zeros((1, 2, 2))).replace(b"'<f8'", b"'<U2'"), "texts in the shape"),
    ],
)
def test_what_cannot_be_read_is_told_with_a_way_out(body: bytes, told: str) -> None:
    with pytest.raises(BadRequest, match=told):
        npy_reader.read_batch(body, MATRIX)


def test_an_archive_is_no_array() -> None:
    file = io.BytesIO()
    np.savez(file, ROWS)
    with pytest.raises(BadRequest, match=r"numpy\.savez"):
        npy_reader.read_batch(file.getvalue(), MATRIX)


def test_tensors_are_for_models_of_numbers() -> None:
    body = npy(np.zeros((1, 2, 2)))
    assert np.asarray(npy_reader.read_batch(body, MATRIX)).shape == (1, 2, 2)
    frame = Signature("frame", "number", 2, ("a", "b"), allows_missing=True, methods=("predict",))
    with pytest.raises(BadRequest, match="send the shape"):
        npy_reader.read_batch(body, frame)
