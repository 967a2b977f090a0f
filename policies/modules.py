"""The modules of a library that hold parts of models."""

import importlib
import pkgutil
import re
import types
from collections.abc import Iterator

# These hold files, sockets, threads and test tools. `utils` re-exports much of that.
NO_MODELS = re.compile(
    r"\.(callback|conftest|datasets|experimental|externals|tests|_build_utils|"
    r"_plot|_export|_reingold_tilford|estimator_checks|_test_common|_mocking|_testing)(\.|$)"
)
OF_UTILS = ("sklearn.utils._metadata_requests", "sklearn.utils.validation")


def modules(library: str) -> Iterator[types.ModuleType]:
    """Yield the modules that can be imported, in the order of their names."""
    package = importlib.import_module(library)
    yield package
    walked = pkgutil.walk_packages(package.__path__, f"{library}.", onerror=lambda _: None)
    for name in sorted(each.name for each in walked if not NO_MODELS.search(each.name)):
        if name.startswith("sklearn.utils") and name not in OF_UTILS:
            continue
        try:
            yield importlib.import_module(name)
        except Exception:  # noqa: S112 (an optional part, such as for a GPU)
            continue
