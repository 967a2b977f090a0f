"""The loops of a compiled model that Python is too slow for: a forest's walk, and JSON to doubles.

`Forest(nodes, trees, width, outputs, *, values, targets, categories, cells, single,
refuses_missing, refuses_infinite)` is any number of decision trees. It keeps the arrays (mapped
files will do), and copies none.

nodes
    16 bytes each, aligned to 8: a float64 `value`, a uint32 `word`, a uint32 `child`, little
    endian. The roots come first: tree t begins at node t. A node's two children lie side by side,
    at `child` (left) and `child + 1` (right), somewhere after it. The word is the column that is
    looked at, and flags. A cell above `value` goes right, any other left; so does NaN, unless the
    word has MISSING_RIGHT (1 << 31). Write `x < t` as `x > nextafter(t, -inf)`, turned around.
    A leaf is a node whose word is `width`; its `value` is its number, its `child` unused.
values
    float64, shape (vectors, outputs): a leaf's number is a row of these. Without it, the number
    itself is what the leaf adds.
targets
    uint32, shape (trees,): the output that each tree adds to. Without it all add to output 0;
    with `values`, all trees add to all outputs.
categories
    uint32 words. A node with CATEGORICAL (1 << 30) looks a cell up in a set: `value` is where the
    set begins, with its size in bits, then the bits, 32 to a word. A cell, truncated, whose bit is
    set goes right; one outside of the set goes left, or with UNKNOWN_RIGHT (1 << 29) right.
cells
    uint8, shape (width,): what is done to a column first. 1: NaN becomes 0. 2: |x| <= 1e-35, as
    a float, becomes NaN.
single
    Cells are rounded to float32 first of all, as scikit-learn's trees and XGBoost do.
refuses_missing, refuses_infinite
    Whether NaN, or infinities (after rounding), raise a ValueError that names row and column.
    No node of a forest that refuses NaN may have a flag, unless it has categories.

`Forest.add(x, out)` walks float64 rows, shape (n, width), and adds to `out`, shape (n, outputs),
in the order of the trees. Sums are in the precision of `out`, float64 or float32. After an error,
part of `out` may have been added to. Both arrays are in C order. Other Python threads run during
long walks. A damaged forest raises ValueError when it is made or, if it is
large, when a walk comes across the damage: no walk leaves the arrays, nor goes in circles.

`matrix(instances, out, allows_missing)` fills `out`, float64 of shape (n, width), from n lists of
int, float and bool, and of None for NaN where that is allowed. It raises ValueError(row, column)
for the first cell that is anything else, or an integer that no double holds; (row, -1) for what is
no list of `width`.
"""

from modelmount_kernel._kernel import Forest, matrix

__all__ = ["Forest", "matrix"]
