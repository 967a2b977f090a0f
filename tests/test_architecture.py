"""The import rules, held: who may import whom, and what a function can do without."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import import_graph
from tests.import_graph import Module
from tests.import_rules import (
    COMPILER_ROOMS,
    LAMBDAS,
    LOADER_ROOMS,
    ROOMS,
    WEB,
    WITHOUT,
    drawings,
    room_of,
)


def problems(modules: dict[str, Module], rooms: tuple[str, ...], table: str) -> list[str]:
    """Say in a sentence each what doesn't keep to a table of rooms."""
    found = []
    for module in modules.values():
        if module.is_package and room_of(module.name, rooms) is None:
            continue  # a package of rooms
        home = room_of(module.name, rooms)
        if home is None:
            found.append(f"{module.path} lies in no room of {table}: put it into one, or list it.")
            continue
        for imported in module.imports:
            there = room_of(imported, rooms)
            if there and there[0] != home[0] and there[1] <= home[1]:
                found.append(f"{module.path} imports {imported}, but {there[0]} isn't below.")
    return found


def test_rooms_of_the_lambdas_import_downward(root: Path) -> None:
    assert not problems(import_graph.read(root / "lambdas"), ROOMS, "ROOMS")


def test_rooms_of_the_compiler_import_downward(root: Path) -> None:
    modules = import_graph.read(root / "lambdas", "modelmount_compiler")
    inside = import_graph.relative(modules, "modelmount_compiler")
    assert not problems(inside, COMPILER_ROOMS, "COMPILER_ROOMS")


def test_rooms_of_the_loader_import_downward(root: Path) -> None:
    inside = import_graph.relative(import_graph.read(root / "lambdas", "loader"), "loader")
    assert not problems(inside, LOADER_ROOMS, "LOADER_ROOMS")


def test_a_module_that_is_in_no_table_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "serving" / "fresh").mkdir(parents=True)
    (tmp_path / "serving" / "__init__.py").touch()
    (tmp_path / "serving" / "fresh" / "idea.py").write_text("import json\n")
    [told] = problems(import_graph.read(tmp_path), ROOMS, "ROOMS")
    assert told.endswith("idea.py lies in no room of ROOMS: put it into one, or list it.")


def test_an_import_that_goes_up_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "serving" / "records").mkdir(parents=True)
    (tmp_path / "serving" / "api").mkdir()
    (tmp_path / "serving" / "api" / "routing.py").touch()
    (tmp_path / "serving" / "records" / "codec.py").write_text("from serving.api import routing\n")
    [told] = problems(import_graph.read(tmp_path), ROOMS, "ROOMS")
    assert told.endswith("imports serving.api.routing, but serving.api isn't below.")


def test_the_drawings_show_what_the_code_imports(root: Path) -> None:
    page = (root / "ARCHITECTURE.md").read_text("utf-8")
    for folder, drawing in drawings(root).items():
        told = f"the drawing of {folder} is old: python -m tests.import_rules prints the new one"
        assert f"```mermaid\n{drawing}\n```" in page, told


@pytest.mark.parametrize("folder", ["lambdas", "local", "stacks", "modelmount", "first_deploy"])
def test_no_modules_import_each_other_in_a_circle(root: Path, folder: str) -> None:
    base = root / "lambdas" if folder == "lambdas" else root
    modules = import_graph.read(base, None if folder == "lambdas" else folder)
    assert not import_graph.circles(modules)


def test_the_serving_core_has_at_most_ten_rooms(root: Path) -> None:
    entries = {
        path.stem
        for path in (root / "lambdas" / "serving").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    assert len(entries - {"__init__"}) <= 10


@pytest.mark.parametrize("folder", WITHOUT)
def test_what_a_folder_never_imports(root: Path, folder: str) -> None:
    banned = set(WITHOUT[folder].replace("WEB", WEB).replace("lambdas", LAMBDAS).split())
    files = import_graph.files(root / folder)
    told = {str(path): import_graph.top_levels(path) & banned for path in files}
    assert not {path: names for path, names in told.items() if names}


def test_only_the_repository_knows_the_layout(root: Path) -> None:
    words = {"manifest.json", "candidates", "pending", "rejected", "versions", "current"}
    for path in import_graph.files(root / "lambdas"):
        if "repository" not in path.parts:
            assert not import_graph.joined_paths(path) & words, path


def test_the_loader_needs_no_package_but_boto3(root: Path) -> None:
    """It is a zip of these files alone: what it imports must be there on Lambda."""
    code = (
        "import sys; import loader.handler;"
        "print(*{m.split('.')[0] for m in sys.modules if not m.startswith('_')})"
    )
    loaded = _run(code, root)
    provided = {"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six"}
    provided |= {"serving", "loader", "modelmount_compiler", "awscrt", "cryptography", "certifi"}
    own = {name for name in loaded if name not in sys.stdlib_module_names and name not in provided}
    assert not own & {"msgspec", "numpy", "sklearn", "joblib", "pandas", "scipy", "skops"}


@pytest.mark.parametrize(
    ("module", "without"),
    [
        ("inference.proxy", {"sklearn", "scipy", "pandas", "joblib", "boto3", "pydantic"}),
        ("loader.publish", {"boto3", "botocore", "numpy", "msgspec"}),
        ("preparation.prepare", {"sklearn", "numpy", "boto3", "msgspec"}),
        ("modelmount_compiler", {"numpy", "sklearn", "serving"}),
        ("sagemaker_proxy.proxy", {"numpy", "msgspec", "pydantic", "pybase64"}),
        ("container.app", {"sklearn", "torch", "transformers", "uvicorn", "pandas", "boto3"}),
    ],
)
def test_what_an_import_does_without(root: Path, module: str, without: set[str]) -> None:
    loaded = _run(f"import sys; import {module}; print(*sys.modules)", root)
    assert not {name.split(".")[0] for name in loaded} & without


def test_other_servers_protocols_are_imported_when_first_asked(root: Path) -> None:
    loaded = _run("import sys; import inference.proxy; print(*sys.modules)", root)
    assert not {name for name in loaded if name.startswith("serving.api.protocols")}
    assert not {"serving.api.capture", "serving.api.redaction"} & loaded


def _run(code: str, root: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root / "lambdas",
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())
