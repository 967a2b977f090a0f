"""The dot product along the last axis, under NumPy 1 too.

Models of old versions are proven under the NumPy of their time, which lacks `vecdot`. There the
product of two matrices calls the same routine for each pair of vectors.
"""

from typing import Any

import numpy as np

from modelmount_compiler.program.operation import Matrix


def _by_matrices(a: Matrix, b: Matrix) -> Any:
    return np.matmul(a[..., None, :], b[..., :, None])[..., 0, 0]


vecdot: Any = getattr(np, "vecdot", _by_matrices)
