"""The names under which files hold operations."""

import importlib
import pkgutil
import types
from typing import Any

import pytest

from modelmount_compiler.program import operations
from modelmount_compiler.program.operation import STORED, class_of, name_of, operation, stored

PREFIX = f"{operations.__name__}."
MODULES = [
    importlib.import_module(found.name)
    for found in pkgutil.walk_packages(operations.__path__, PREFIX)
    if not found.ispkg
]


def classes(module: types.ModuleType) -> list[type[object]]:
    """Return the operations that a module defines."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__ and STORED in vars(value)
    ]


def test_every_module_of_operations_has_a_name_in_files() -> None:
    found = {module.__name__.removeprefix(PREFIX) for module in MODULES if classes(module)}
    assert found == set(operations.MODULES.values())


def test_no_two_names_are_of_one_module() -> None:
    assert len(set(operations.MODULES.values())) == len(operations.MODULES)


@pytest.mark.parametrize("cls", [c for m in MODULES for c in classes(m)], ids=lambda c: c.__name__)
def test_every_operation_is_found_by_its_name(cls: Any) -> None:
    name = name_of(cls.__new__(cls))
    assert class_of(name) is cls


@pytest.mark.parametrize(
    "name", ["linear.Levitate", "levitation.Affine", "linear.np", "linear.", "linear", ""]
)
def test_an_unknown_operation_is_told(name: str) -> None:
    with pytest.raises(ValueError, match=rf"has no operation '{name}': install the one that wrote"):
        class_of(name)


def test_an_operation_from_elsewhere_cannot_be_stored() -> None:
    @operation
    class Own:
        factor: float

    assert stored(Own(2.0)) == {"factor": 2.0}
    with pytest.raises(ValueError, match="Own is no operation that a file can hold"):
        name_of(Own(2.0))
