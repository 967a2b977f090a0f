"""The compiler as a wheel, in an environment with scikit-learn alone."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from modelmount_compiler import __version__
from tests.docs import code_blocks
from tests.packaging.conftest import IGNORED, uv

pytestmark = pytest.mark.xdist_group("compiler-wheel")  # the environment is built once

INFO = f"modelmount_compiler-{__version__}.dist-info"
PRODUCT = {"serving", "preparation", "local", "stacks", "modelmount"}
CLOUD = {"boto3", "botocore", "aws_cdk", "aws_lambda_powertools", "awslambdaric", "msgspec"}
END = """
import sys
assert report.reason is None
assert [proof.method for proof in report.methods] == ["predict", "predict_proba"]
assert sum(proof.flips for proof in report.methods) == 0
print("modules:", *sorted({name.split(".")[0] for name in sys.modules}))
"""
WITHOUT = """
import sys
import numpy
from modelmount_compiler import load
program = load(sys.argv[1])
print(program.predict(numpy.zeros((2, 64))).shape)
print("modules:", *sorted({name.split(".")[0] for name in sys.modules}))
"""


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of a copy, which keeps what a build leaves out of the tree."""
    folder = tmp_path_factory.mktemp("wheel")
    tree = folder / "tree"
    for part in ("compiler", "lambdas/modelmount_compiler"):
        shutil.copytree(root / part, tree / part, ignore=IGNORED)
    build = ["build", "--wheel", "--quiet", "--python", sys.executable]
    uv(*build, "--out-dir", folder, tree / "compiler")
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def environment(root: Path, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Python of an environment with the wheel and the image's scikit-learn."""
    folder = tmp_path_factory.mktemp("environment")
    pinned = (root / "docker" / "requirements.in").read_text("utf-8").splitlines()
    wanted = [line for line in pinned if re.match(r"(numpy|scipy|scikit-learn)==", line)]
    uv("venv", "--quiet", "--python", sys.executable, folder)
    uv("pip", "install", "--quiet", "--python", folder, wheel, *wanted)
    return folder / "bin" / "python"


def run(python: Path, code: str, folder: Path, *arguments: str) -> str:
    (folder / "session.py").write_text(code, "utf-8")
    done = subprocess.run(
        [python, "session.py", *arguments],
        cwd=folder,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_the_package_and_its_licence_alone(root: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        found = set(archive.namelist())
        licence = archive.read(f"{INFO}/licenses/LICENSE")
        about = archive.read(f"{INFO}/METADATA").decode()
    lambdas = root / "lambdas"
    sources = {str(p.relative_to(lambdas)) for p in (lambdas / "modelmount_compiler").rglob("*.py")}
    rest = {name for name in found - sources if not name.startswith(f"{INFO}/")}
    assert sources <= found
    data = (lambdas / "modelmount_compiler").rglob("*.json")
    assert rest == {"modelmount_compiler/py.typed", *(str(p.relative_to(lambdas)) for p in data)}
    assert licence == (root / "LICENSE").read_bytes()
    assert re.findall(r"^Requires-Dist: (.*)$", about, re.M) == [
        "numpy>=2",
        'modelmount-kernel<2,>=1; extra == "kernel"',
    ]


def test_the_example_of_the_documentation(root: Path, environment: Path, tmp_path: Path) -> None:
    example = code_blocks.session(root / "docs" / "compiler" / "README.md")
    told = run(environment, example + END, tmp_path)
    assert re.search(r"^RandomForestClassifier: compiled in ", told, re.M)
    assert re.search(r"^predict_proba +[\d,]+ +0 ", told, re.M)
    loaded = set(told.splitlines()[-1].split())
    assert {"modelmount_compiler", "sklearn", "numpy"} <= loaded
    assert not loaded & (PRODUCT | CLOUD)
    assert not {name for name in loaded if name.startswith("aws")}

    told = run(environment, WITHOUT, tmp_path, "digits.safetensors")
    assert told.startswith("(2,)\n")
    assert not set(told.splitlines()[-1].split()) & {"sklearn", "scipy", "pandas"}
