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


def child_environment(home: Path, **more: str) -> dict[str, str]:
    """Return the allowed variables, with `home` for its home and temporary folder."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    # joblib would try for shared semaphores, which are refused, and warn.
    own = {"HOME": str(home), "TMPDIR": str(home), "JOBLIB_MULTIPROCESSING": "0"}
    paths = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return kept | own | paths | more
