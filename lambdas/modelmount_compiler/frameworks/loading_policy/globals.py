"""A function or class, by name."""

import _compat_pickle
from dataclasses import dataclass


@dataclass(frozen=True)
class Global:
    """A function or class that a file names."""

    module: str
    name: str

    def __str__(self) -> str:
        """Return the name as the policy has it: NumPy 2 renamed `numpy.core`.

        NumPy 1 pickles functions that compute by the module of their C code.
        """
        module = self.module
        if module == "numpy.core._multiarray_umath":
            return f"numpy.{self.name}"
        if module == "numpy.core" or module.startswith("numpy.core."):
            module = "numpy._core" + module[len("numpy.core") :]
        return f"{module}.{self.name}"


def modern(module: str, name: str, protocol: int) -> Global:
    """Return the global for a name that an old protocol may have from Python 2."""
    if protocol < 3:
        module, name = _compat_pickle.NAME_MAPPING.get(
            (module, name), (_compat_pickle.IMPORT_MAPPING.get(module, module), name)
        )
    return Global(module, name)
