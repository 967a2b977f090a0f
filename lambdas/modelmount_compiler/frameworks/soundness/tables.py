"""Checks pandas' tables inside a model: their compiled code takes values by the index's places."""

from typing import Any

from modelmount_compiler.frameworks.soundness import damage


def table(found: Any, where: str) -> None:
    """Check that each block of a data frame or a series has a value for each place."""
    manager = found._mgr
    sizes = [len(axis) for axis in manager.axes]
    damage.count(len(sizes), found.ndim, f"the axes of {where}")
    held = 0
    for block in manager.blocks:
        damage.count(len(block.values.shape), block.ndim, f"the axes of a block of {where}")
        damage.count(block.values.shape[-1], sizes[-1], f"the values of {where}")
        damage.count(len(block.mgr_locs), block.values.shape[0], f"the places of {where}")
        held += len(block.mgr_locs)
        if found.ndim > 1:
            places = damage.whole(block.mgr_locs.as_array, where)
            damage.within(places, 0, sizes[0], f"a column of {where}")
    damage.count(held, sizes[0], f"the columns of {where}")


BY_CLASS = {
    "pandas.Series": table,
    "pandas.DataFrame": table,
    "pandas.core.series.Series": table,
    "pandas.core.frame.DataFrame": table,
}
