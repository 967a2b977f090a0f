"""Integers at the edge of what doubles hold, from each form of batch."""

from typing import Any

import numpy as np
import pytest

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.instances.exactness import is_exact
from modelmount_compiler.instances.inputs import for_estimator
from modelmount_compiler.signature import Signature

NUMBERS = Signature("matrix", "number", 2, None, allows_missing=True, methods=("predict",))
KEPT = [2**53, 2**53 + 2, -(2**60), 2**63, 2**64, 18446744073709552000, 10**30, 10**22]
CHANGED = [2**53 + 1, 1 - 2**54, 36028797018963970, 2**63 - 1, 2**64 - 1, 10**23 + 1]


@pytest.mark.parametrize("value", KEPT)
def test_an_integer_that_a_double_holds_passes(value: int) -> None:
    assert is_exact(value)
    assert for_estimator([[value, 1]], NUMBERS).tolist() == [[float(value), 1.0]]


@pytest.mark.parametrize("value", CHANGED)
def test_an_integer_that_would_change_is_refused(value: int) -> None:
    for batch in ([[0.5, value]], [[None, 1], [True, value]]):
        with pytest.raises(InputMismatch, match="no double holds") as raised:
            for_estimator(batch, NUMBERS)
        assert raised.value.field == f"$.instances[{len(batch) - 1}][1]"


@pytest.mark.parametrize(
    "array",
    [
        np.array([[1, 2], [3, 2**53 + 1]]),
        np.array([[1, 2], [3, 2**64 - 1]], dtype=np.uint64),
        np.asfortranarray(np.array([[1, 2], [3, -(2**53) - 1]], dtype=">i8")),
    ],
)
def test_so_is_one_in_an_array(array: Any) -> None:
    with pytest.raises(InputMismatch, match=r"instances\[1\]\[1\] is a whole number"):
        for_estimator(array, NUMBERS)


def test_no_two_integers_of_64_bits_become_one_double() -> None:
    near = [value for value in range(2**55, 2**55 + 200) if is_exact(value)]
    assert near == list(range(2**55, 2**55 + 200, 8))
