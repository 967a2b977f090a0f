"""Lifts the loader's policy from processes that have this folder on their path.

Tests and measurements of confinement put it there: nothing else shall stand between a pickle and
its process.
"""

import importlib.util
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path

GUARD = "modelmount_compiler.frameworks.loading_policy.guarded_unpickler"


class _Lifting(MetaPathFinder):
    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        if fullname != GUARD:
            return None
        return importlib.util.spec_from_file_location(GUARD, Path(__file__).parent / "lifted.py")


sys.meta_path.insert(0, _Lifting())
