"""An environment for each peer: their packages exclude one another's."""

import subprocess
import sys
import venv
from pathlib import Path


def python_of(name: str, requirements: tuple[str, ...], root: Path) -> Path:
    """Return the interpreter with these packages, which are installed if they aren't yet."""
    if not requirements:
        return Path(sys.executable)
    folder = root / name.replace(" ", "-").lower()
    done, wanted = folder / "installed", "\n".join(requirements)
    python = folder / "bin" / "python"
    if not done.is_file() or done.read_text("utf-8") != wanted:
        print(f"Installing {', '.join(requirements)}", flush=True)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *requirements], check=True)  # noqa: S603 (pinned names)
        done.write_text(wanted, "utf-8")
    return python
