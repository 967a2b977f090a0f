"""Programs in files."""

from pathlib import Path

import numpy as np
import pytest

from modelmount_compiler.program import Node, Program, file
from modelmount_compiler.program.operations.linear.linear_models import Projection


@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_keep_their_order_in_memory(order: str, tmp_path: Path) -> None:
    weights = np.array(np.random.default_rng(0).normal(size=(64, 10)), order=order)  # type: ignore[call-overload]
    program = Program([Node(Projection(weights), (0,))], {"transform": 1})
    file.write(tmp_path / "compiled", program)
    operation = file.read(tmp_path / "compiled").nodes[0].operation
    assert isinstance(operation, Projection)
    found = operation.weights
    np.testing.assert_array_equal(found, weights)
    assert found.flags.f_contiguous == weights.flags.f_contiguous
    x = np.random.default_rng(1).normal(size=(5, 64))
    np.testing.assert_array_equal(x @ found, x @ weights)
