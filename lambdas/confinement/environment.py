"""The environment of a process that isn't trusted."""

import os
import sys
from pathlib import Path

# The only variables that it inherits: where programs, libraries and locales are, and the
# threading settings of the image. Credentials, addresses and names of functions are not among them.
KEPT_VARIABLES = (
    "PATH",
    "LD_LIBRARY_PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
)
# The product's own code, which every environment's interpreter runs.
CODE = Path(__file__).parents[1]


def child_environment(home: Path, *, python: Path | None = None, **more: str) -> dict[str, str]:
    """Return the allowed variables, with `home` for its home and temporary folder.

    Args:
        python: the interpreter that gets them; this one if None. Another finds the product's code
            and its own libraries, and none of this one's.
    """
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    # joblib would try for shared semaphores, which are refused, and warn.
    own = {"HOME": str(home), "TMPDIR": str(home), "JOBLIB_MULTIPROCESSING": "0"}
    paths = {"PYTHONPATH": os.pathsep.join(_import_path(python))}
    return kept | own | paths | more


def _import_path(python: Path | None) -> list[str]:
    is_other = python is not None and python != Path(sys.executable)
    return [str(CODE)] if is_other else [path for path in sys.path if path]
