"""The machine and the libraries that figures depend on."""

import importlib.metadata
import os
import platform
from pathlib import Path

PACKAGES = ("numpy", "scikit-learn", "msgspec")


def describe() -> str:
    """Return processor, system, Python and packages in a line."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = {line.split(":")[1].strip() for line in lines if line.startswith("model name")}
    processor = ", ".join(sorted(models)) or platform.machine()
    packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    python = f"Python {platform.python_version()}"
    return f"{os.cpu_count()} cores ({processor}), {platform.system()}, {python}, {packages}"
