"""The checks of a model: of its file before the framework reads it, and of what it loaded.

Both belong to the preparation of an upload. What passed is served from the very same bytes, so
inference doesn't repeat them.
"""

from pathlib import Path
from typing import Any


def check_file(path: Path, runtime: str) -> None:
    """Check a file of a boosting library or of ONNX; a pickle has to be loaded first.

    Args:
        path: the model's file.
        runtime: the module of `frameworks` that loads it.

    Raises:
        ModelRejected: a number in it leads nowhere, or something in it isn't taken.
    """
    # Each format has a module, and imports what it needs.
    if runtime == "xgboost":
        from modelmount_compiler.frameworks.soundness import xgboost_model  # noqa: PLC0415

        xgboost_model.check(path.read_bytes())
    elif runtime == "lightgbm":
        from modelmount_compiler.frameworks.soundness import lightgbm_model  # noqa: PLC0415

        lightgbm_model.check(path.read_bytes())
    elif runtime == "catboost":
        from modelmount_compiler.frameworks.soundness import catboost_model  # noqa: PLC0415

        catboost_model.check(path.read_bytes())
    elif runtime == "onnx":
        from modelmount_compiler.frameworks.soundness import onnx_graph  # noqa: PLC0415

        onnx_graph.check(path.read_bytes(), path.parent)


def check_loaded(loaded: Any, runtime: str, *, is_own_code: bool = False) -> None:
    """Check what a framework has loaded, with everything inside it.

    Args:
        is_own_code: whether it may hold any functions: its process serves it alone.

    Raises:
        ModelRejected: a part is damaged, or would read or write when it predicts.
    """
    if runtime != "onnx":
        from modelmount_compiler.frameworks.soundness import loaded as objects  # noqa: PLC0415

        objects.check(loaded, is_own_code=is_own_code)
