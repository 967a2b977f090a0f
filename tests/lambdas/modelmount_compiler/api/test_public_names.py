"""What can be imported from the package itself."""

import subprocess
import sys
from pathlib import Path

import pytest

import modelmount_compiler


def test_every_public_name_is_there() -> None:
    assert {"compile", "load", "Program", "Report", "converts"} <= set(modelmount_compiler.__all__)
    for name in modelmount_compiler.__all__:
        assert getattr(modelmount_compiler, name).__name__ == name
        assert name in dir(modelmount_compiler)


def test_another_name_is_told() -> None:
    with pytest.raises(AttributeError, match="no attribute 'uncompile'"):
        modelmount_compiler.uncompile  # type: ignore[attr-defined]  # noqa: B018 (asked for)


def test_a_program_is_loaded_without_the_compiler(root: Path) -> None:
    """Asking needs NumPy, and neither converters nor what proves them."""
    code = "import sys; from modelmount_compiler import Program, load; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root / "lambdas",
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert not {"sklearn", "scipy", "pandas", "safetensors"} & loaded
    assert not {
        n
        for n in loaded
        if n.startswith(("modelmount_compiler.convert", "modelmount_compiler.verify"))
    }
