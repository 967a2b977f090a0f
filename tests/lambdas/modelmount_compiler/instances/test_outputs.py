from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from modelmount_compiler.instances import outputs


@pytest.mark.parametrize(
    ("result", "count"),
    [
        (np.zeros(3), 3),
        (np.zeros((3, 2)), 3),
        ([np.zeros(4), np.zeros((4, 2))], 4),
        ([1, 2], 2),
        (csr_array(np.eye(5)), 5),
        (np.float64(1.0), 0),
        (np.array(1.0), 0),
        (1.0, 0),
    ],
)
def test_answers_are_counted_whatever_their_shape(result: Any, count: int) -> None:
    assert outputs.count(result) == count
