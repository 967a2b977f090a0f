"""The import rules, held: who may import whom, and what a function can do without."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

STANDARD = sys.stdlib_module_names
FUNCTIONS = ("loader", "preparer", "inference", "notifier", "sagemaker_proxy", "container")
# The container prepares what it is given itself, as the preparer does.
ALLOWED = {"container": {"preparer"}}
FRAMEWORKS = {"starlette", "uvicorn", "granian", "fastapi", "torch", "transformers"}

# Layers of the serving core, lowest first: a module imports from its own layer or lower ones.
LAYERS = [
    {"errors", "contents", "lean_numpy", "memory"},
    {"records", "environment", "signature"},
    {"settings", "compilation"},
    {"manifest"},
    {"naming", "uploads", "batches", "outputs", "entries", "cache", "redaction"},
    {"object_keys"},
    {"formats", "verdicts"},
    {"contract", "inputs", "routing", "openapi"},
    {"repository", "program", "model_json"},
    {"runtimes", "compiler"},
    {"gate"},
    {"status"},
    {"service", "switching", "versions", "loading"},
    {"replies"},
    {"protocols"},
    {"http"},
    {"capture"},
]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules(folder: Path) -> list[Path]:
    found = sorted(folder.rglob("*.py"))
    assert found
    return found


def top_levels(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


def layer(name: str) -> int:
    return next(level for level, names in enumerate(LAYERS) if name in names)


def test_stacks_import_neither_lambdas_nor_local(root: Path) -> None:
    for path in [root / "app.py", *modules(root / "stacks")]:
        assert not top_levels(path) & {"serving", "local", "lambdas", *FUNCTIONS}, path


def test_local_knows_only_the_assembly(root: Path) -> None:
    for path in modules(root / "local"):
        assert not top_levels(path) & {"serving", "stacks", "lambdas", "aws_cdk", *FUNCTIONS}, path


def test_the_command_line_knows_only_clients(root: Path) -> None:
    for path in modules(root / "modelmount"):
        banned = {"serving", "stacks", "local", "lambdas", "aws_cdk", *FUNCTIONS}
        assert not top_levels(path) & banned, path


def test_serving_knows_no_aws_no_web_framework_and_no_handler(root: Path) -> None:
    banned = {"boto3", "botocore", "aws_lambda_powertools", "awslambdaric", *FUNCTIONS}
    for path in modules(root / "lambdas" / "serving"):
        assert not top_levels(path) & (banned | FRAMEWORKS), path


def test_handlers_never_import_each_other(root: Path) -> None:
    for function in FUNCTIONS:
        others = set(FUNCTIONS) - {function} - ALLOWED.get(function, set())
        for path in modules(root / "lambdas" / function):
            assert not top_levels(path) & others, path


def test_only_the_container_knows_its_frameworks(root: Path) -> None:
    for path in modules(root / "lambdas"):
        if "container" not in path.relative_to(root / "lambdas").parts:
            assert not top_levels(path) & FRAMEWORKS, path


def test_inside_serving_imports_go_one_way(root: Path) -> None:
    serving = root / "lambdas" / "serving"
    for path in modules(serving):
        parts = path.relative_to(serving).with_suffix("").parts
        if parts == ("__init__",):
            continue
        for name in imports(path):
            if name.startswith("serving."):
                imported = name.split(".")[1]
                assert layer(imported) <= layer(parts[0]), f"{path} imports {name}"


def test_only_the_repository_knows_the_layout(root: Path) -> None:
    words = ("manifest.json", '"candidates"', '"pending"', '"rejected"', '"versions"', '"current"')
    for path in modules(root / "lambdas"):
        if "repository" in path.parts or path.name in ("status.py", "service.py"):
            continue  # the last two name the fields of an answer, not folders
        tree = ast.parse(path.read_text("utf-8"))
        names = {
            part
            for node in ast.walk(tree)
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
            for part in (ast.unparse(node.right).replace("'", '"'),)
        }
        assert not names & set(words), path


def test_the_loader_needs_no_package_but_boto3(root: Path) -> None:
    """It is a zip of these files alone: what it imports must be there on Lambda."""
    code = (
        "import sys; import loader.handler, loader.stage;"
        "print(*{m.split('.')[0] for m in sys.modules if not m.startswith('_')})"
    )
    loaded = _run(code, root)
    provided = {"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six"}
    provided |= {"serving", "loader", "awscrt", "cryptography", "certifi"}
    own = {name for name in loaded if name not in STANDARD and name not in provided}
    assert not own & {"msgspec", "numpy", "sklearn", "joblib", "pandas", "scipy", "skops"}


@pytest.mark.parametrize(
    ("module", "without"),
    [
        ("inference.proxy", {"sklearn", "scipy", "pandas", "joblib", "boto3", "pydantic"}),
        ("loader.publish", {"boto3", "botocore", "numpy", "msgspec"}),
        ("preparation.prepare", {"sklearn", "numpy", "boto3", "msgspec"}),
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
