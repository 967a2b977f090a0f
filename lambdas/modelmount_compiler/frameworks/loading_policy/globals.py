"""A function or class, by name."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Global:
    """A function or class that a file names."""

    module: str
    name: str

    def __str__(self) -> str:
        """Return the name as the policy has it: NumPy 2 renamed `numpy.core`."""
        module = self.module
        if module == "numpy.core" or module.startswith("numpy.core."):
            module = "numpy._core" + module[len("numpy.core") :]
        return f"{module}.{self.name}"
