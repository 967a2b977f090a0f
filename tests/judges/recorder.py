"""A plugin of pytest: keeps each pickle that a test of fickling or modelscan has judged."""

import hashlib
import os
import sys
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

FOLDER = Path(os.environ.get("RECORDED", "recorded"))


def keep(data: bytes) -> None:
    """Keep a pickle once, under its digest."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{hashlib.sha256(data).hexdigest()[:16]}.pkl").write_bytes(data)


def pytest_configure() -> None:
    """Look on whenever one of both judges; what needs a large framework fails by itself."""
    for name in ("torch", "torch.nn", "tensorflow", "tf_keras"):
        sys.modules.setdefault(name, MagicMock())
    _record_fickling()
    _record_modelscan()


def _record_fickling() -> None:
    from fickling import analysis, fickle  # noqa: PLC0415 (not installed where ours runs)

    analyze, load = analysis.Analyzer.analyze, fickle.Pickled.load

    def analyzed(self: Any, pickled: Any, *arguments: Any, **more: Any) -> Any:
        keep(pickled.dumps())
        return analyze(self, pickled, *arguments, **more)

    def loaded(pickled: Any, *arguments: Any, **more: Any) -> Any:
        if isinstance(pickled, bytes | bytearray):
            keep(bytes(pickled))
        return load(pickled, *arguments, **more)

    analysis.Analyzer.analyze = analyzed
    fickle.Pickled.load = staticmethod(loaded)


def _record_modelscan() -> None:
    from modelscan import modelscan  # noqa: PLC0415 (as above)

    scan = modelscan.ModelScan.scan

    def scanned(self: Any, path: Any) -> Any:
        root = Path(path)
        for file in root.rglob("*") if root.is_dir() else [root]:
            if file.is_file():
                keep(file.read_bytes())
        return scan(self, path)

    modelscan.ModelScan.scan = scanned
