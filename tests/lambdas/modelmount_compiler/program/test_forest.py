"""The walk of a forest: the kernel's and NumPy's, each by its contract and against the other."""

import threading
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from modelmount_compiler.program.operations.trees import numpy_forest
from modelmount_compiler.program.operations.trees.numpy_forest import (
    CATEGORICAL,
    MISSING_IS_ZERO,
    MISSING_RIGHT,
    NODE,
    SMALL,
    UNKNOWN_RIGHT,
    ZERO_IS_MISSING,
)

kernel = pytest.importorskip("modelmount_kernel", reason="built by make setup, with a C compiler")

Array = NDArray[Any]
FORESTS = pytest.mark.parametrize(
    "forest", [kernel.Forest, numpy_forest.Forest], ids=["c", "numpy"]
)
NAN, INF = np.nan, np.inf


def stored(*nodes: tuple[float, ...]) -> Array:
    return np.array(list(nodes), dtype=NODE).view(np.uint64).reshape(-1, 2)


def stump(threshold: float, word: int = 0, width: int = 1) -> Array:
    """One split: its left leaf is 1, its right leaf 2."""
    return stored((threshold, word, 1), (1.0, width, 0), (2.0, width, 0))


def large(nodes: Array, width: int = 1) -> Array:
    """Return a forest with so many more leaves that only what is walked is looked at."""
    leaves = np.zeros(SMALL, dtype=NODE)
    leaves["word"] = width
    return np.concatenate((nodes, leaves.view(np.uint64).reshape(-1, 2)))


def walked(forest: Any, nodes: Array, x: list[float], trees: int = 1, **options: Any) -> Any:
    """Return the sums for rows of one cell."""
    out = np.zeros((len(x), 1))
    forest(nodes, trees, 1, 1, **options).add(np.array(x)[:, None], out)
    return out[:, 0].tolist()


@FORESTS
def test_above_the_threshold_is_right(forest: Any) -> None:
    cells = [0.5, np.nextafter(0.5, 1), np.nextafter(0.5, 0), INF, -INF, NAN]
    assert walked(forest, stump(0.5), cells) == [1, 2, 1, 2, 1, 1]
    assert walked(forest, stump(INF), [INF, 1e308]) == [1, 1]
    assert walked(forest, stump(-0.0), [0.0, -0.0, 5e-324]) == [1, 1, 2]


@FORESTS
def test_missing_goes_where_the_flag_says(forest: Any) -> None:
    assert walked(forest, stump(0.5, MISSING_RIGHT), [NAN, 0.5, 0.6]) == [2, 1, 2]


@FORESTS
def test_float32_rounds_to_even_before_it_compares(forest: Any) -> None:
    one = np.float32(1)
    halfway = (1.0 + float(np.nextafter(one, np.float32(2)))) / 2
    cells = [halfway, np.nextafter(halfway, 2)]
    assert walked(forest, stump(1.0), cells, single=True) == [1, 2]
    assert walked(forest, stump(1.0), cells) == [2, 2]


@FORESTS
@pytest.mark.parametrize(
    ("cell", "options", "message"),
    [
        (NAN, {"refuses_missing": True}, "row 1, column 0 is missing"),
        (INF, {"refuses_infinite": True}, "row 1, column 0 is infinite"),
        (-INF, {"refuses_infinite": True}, "row 1, column 0 is infinite"),
        (3.5e38, {"refuses_infinite": True, "single": True}, "row 1, column 0 is infinite"),
    ],
)
def test_what_is_refused_is_named(
    forest: Any, cell: float, options: dict[str, bool], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        walked(forest, stump(0.0), [0.0, cell], **options)


@FORESTS
def test_columns_may_have_zeros_and_missing_values_replaced(forest: Any) -> None:
    tiny = float(np.float32(1e-35))
    codes = np.array([MISSING_IS_ZERO], dtype=np.uint8)
    assert walked(forest, stump(-1.0), [NAN, -2.0], cells=codes) == [2, 1]
    codes = np.array([ZERO_IS_MISSING], dtype=np.uint8)
    nodes = stump(1.0, MISSING_RIGHT)
    cells = [0.0, tiny, -tiny, np.nextafter(tiny, 1), NAN, 0.5]
    assert walked(forest, nodes, cells, cells=codes) == [2, 2, 2, 1, 2, 1]


@FORESTS
@pytest.mark.parametrize("unknown", [0, UNKNOWN_RIGHT])
def test_categories_in_the_set_are_right(forest: Any, unknown: int) -> None:
    sets = np.array([7, 40, 1 << 3, 1 << 7], dtype=np.uint32)  # at 1: of 40 bits, 3 and 39 are set
    nodes = stump(1.0, CATEGORICAL | MISSING_RIGHT | unknown)
    other = 2 if unknown else 1
    cells = [3, 3.9, 39, 4, 0, -0.9, -1, 40, 1e300, -INF, INF, NAN]
    expected = [2, 2, 2, 1, 1, 1, *[other] * 5, 2]
    assert walked(forest, nodes, cells, categories=sets) == expected


@FORESTS
def test_sums_run_in_the_order_of_the_trees_in_the_precision_of_the_output(forest: Any) -> None:
    leaves = [1e16, 1.0, 1.0, -1e16, 0.1]
    nodes = stored(*((leaf, 1, 0) for leaf in leaves))
    assert walked(forest, nodes, [0.0], trees=5) == [0.1]
    out = np.array([[2.0]], dtype=np.float32)
    forest(stored((2.0**-24, 1, 0), (2.0**-24, 1, 0)), 2, 1, 1).add(np.zeros((1, 1)), out)
    assert out.tolist() == [[2.0]]


@FORESTS
def test_leaves_are_numbers_for_one_output_or_rows_of_a_table(forest: Any) -> None:
    nodes, x = stored((1.0, 1, 0), (0.0, 1, 0)), np.zeros((2, 1))
    out = np.ones((2, 3))
    forest(nodes, 2, 1, 3, targets=np.array([2, 0], dtype=np.uint32)).add(x, out)
    assert out.tolist() == [[1, 1, 2]] * 2
    forest(nodes, 2, 1, 3, values=np.arange(6.0).reshape(2, 3)).add(x, out)
    assert out.tolist() == [[4, 6, 9]] * 2


@FORESTS
@pytest.mark.parametrize("small", [True, False])
@pytest.mark.parametrize(
    ("nodes", "options"),
    [
        (stored((0.0, 0, 0), (1.0, 1, 0), (2.0, 1, 0)), {}),
        (stored((0.0, 0, 2**32 - 1)), {}),
        (stored((0.0, 0, 2**32 - 1), (0.0, 0, 0)), {}),
        (stump(0.0, word=2), {}),
        (stump(0.0), {"values": np.zeros((2, 1))}),
        (stored((NAN, 1, 0)), {"values": np.zeros((2, 1))}),
        (stored((-1.0, 1, 0)), {"values": np.zeros((2, 1))}),
        (stump(0.0), {"targets": np.array([1], dtype=np.uint32)}),
        (stump(9.0, CATEGORICAL), {"categories": np.array([40, 0], dtype=np.uint32)}),
        (stump(0.0, CATEGORICAL), {"categories": np.array([99, 0], dtype=np.uint32)}),
    ],
)
def test_a_damaged_forest_says_so(
    forest: Any, nodes: Array, options: dict[str, Any], small: bool
) -> None:
    nodes = nodes if small else large(nodes)
    with pytest.raises(ValueError, match="damaged"):
        walked(forest, nodes, [-1.0, 0.5, 50.0], **options)


@FORESTS
def test_a_forest_that_was_cut_short_says_so(forest: Any) -> None:
    with pytest.raises(ValueError, match="damaged"):
        forest(stump(0.0)[:2], 1, 1, 1)


@FORESTS
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trees": 9}, "trees"),
        ({"targets": np.zeros(3, dtype=np.uint32)}, "targets"),
        ({"cells": np.zeros(3, dtype=np.uint8)}, "cells"),
        ({"outputs": 0}, "outputs"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    forest: Any, changes: dict[str, Any], message: str
) -> None:
    arguments = {"nodes": stump(0.0), "trees": 1, "width": 1, "outputs": 1} | changes
    with pytest.raises(ValueError, match=message):
        forest(**arguments)


@FORESTS
@pytest.mark.parametrize(
    ("x", "out"),
    [
        (np.zeros((2, 2)), np.zeros((2, 1))),
        (np.zeros((2, 1)), np.zeros((2, 2))),
        (np.zeros((2, 1)), np.zeros((3, 1))),
        (np.zeros((2, 1), dtype=np.float32), np.zeros((2, 1))),
    ],
)
def test_arrays_of_other_shapes_are_refused(forest: Any, x: Array, out: Array) -> None:
    with pytest.raises(ValueError, match="shape"):
        forest(stump(0.0), 1, 1, 1).add(x, out)


def grown(rng: np.random.Generator, trees: int, width: int, *, flags: bool) -> tuple[Array, Array]:
    """Return the nodes of random trees, and sets of categories for them."""
    nodes = [[0.0, width, 0] for _ in range(trees)]
    sets: list[int] = []
    at = 0
    while at < len(nodes):
        nodes[at][0] = float(rng.integers(5))
        if rng.random() < 0.7 and len(nodes) < 40 * trees:
            word, value = int(rng.integers(width)), round(rng.normal(), 1)
            if flags:
                word |= int(rng.choice([0, MISSING_RIGHT]))
            if flags and rng.random() < 0.3:
                word |= CATEGORICAL | int(rng.choice([0, UNKNOWN_RIGHT]))
                bits, value = int(rng.integers(70)), len(sets)
                sets += [bits, *rng.integers(0, 2**32, -(-bits // 32)).tolist()]
            nodes[at] = [value, word, len(nodes)]
            nodes += [[0.0, width, 0], [0.0, width, 0]]
        at += 1
    return stored(*map(tuple, nodes)), np.array(sets or [0], dtype=np.uint32)


def drawn(rng: np.random.Generator, seed: int) -> tuple[Array, dict[str, Any], Array]:
    """Return random nodes, what goes with them, and rows; a third of the forests are damaged."""
    trees, width, outputs = (int(rng.integers(1, top)) for top in (20, 6, 4))
    flags, vectors = bool(rng.integers(2)), bool(rng.integers(2))
    nodes, sets = grown(rng, trees, width, flags=flags)
    options = {
        "trees": trees,
        "width": width,
        "outputs": outputs,
        "values": rng.normal(size=(5, outputs)) if vectors else None,
        "targets": None if vectors else rng.integers(0, outputs, trees).astype(np.uint32),
        "categories": sets if flags else None,
        "cells": rng.integers(0, 3, width).astype(np.uint8) if flags else None,
        "single": bool(rng.integers(2)),
        "refuses_missing": not flags,
        "refuses_infinite": bool(rng.integers(2)),
    }
    if seed % 3 == 0:
        octets = nodes.view(np.uint8).reshape(-1)
        octets[rng.integers(0, len(octets), 5)] = rng.integers(0, 256, 5)
    if seed % 4 == 1:
        nodes = large(nodes, width)
    x = np.round(rng.normal(size=(int(rng.choice([1, 2, 60, 300])), width)) * 3, 1)
    x[rng.random(x.shape) < 0.02 * rng.integers(2)] = rng.choice([NAN, INF, 1e39, -1e-36])
    return nodes, options, x


def result(forest: Any, nodes: Array, options: dict[str, Any], x: Array, dtype: Any) -> Any:
    out = np.zeros((len(x), options["outputs"]), dtype=dtype)
    try:
        with np.errstate(all="ignore"):
            forest(nodes, **options).add(x, out)
    except ValueError as error:
        return str(error)
    return out.tolist()


@pytest.mark.parametrize("seed", range(120))
def test_both_walk_alike_and_no_damage_crashes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    nodes, options, x = drawn(rng, seed)
    dtype = rng.choice(np.array([np.float32, np.float64], dtype=object))
    ours = result(kernel.Forest, nodes, options, x, dtype)
    theirs = result(numpy_forest.Forest, nodes, options, x, dtype)
    np.testing.assert_equal(ours, theirs)


def test_threads_walk_one_forest_at_once() -> None:
    rng = np.random.default_rng(0)
    nodes, _ = grown(rng, 50, 4, flags=False)
    forest, x = kernel.Forest(nodes, 50, 4, 1), rng.normal(size=(2000, 4))
    outs = [np.zeros((2000, 1)) for _ in range(4)]
    threads = [threading.Thread(target=forest.add, args=(x, out)) for out in outs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outs[0].any()
    assert all((out == outs[0]).all() for out in outs)
