"""How names of a script or notebook are found, and what is told where they aren't."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from own_code import bytecode, code_folder, importing
from own_code.definitions import Definitions
from preparation.scan import missing_code
from preparation.scan.missing_code import Missing


def definitions(folder: Path, **files: str) -> Definitions:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return Definitions((folder,))


@pytest.mark.parametrize(
    "text",
    ["def clean(t): ...", "class clean: ...", "clean = str.lower", "async def clean(): ...",
     "if True:\n    def clean(t): ...", "try:\n    import x\nexcept ImportError:\n    clean = 1",
     "clean: int = 1", "a, clean = 1, 2"],
)  # fmt: skip
def test_a_module_that_defines_a_name_is_found(tmp_path: Path, text: str) -> None:
    assert [found.module for found in definitions(tmp_path, texts=text).of("clean")] == ["texts"]


@pytest.mark.parametrize("text", ["from texts import clean", "def other():\n  clean = 1", "x ="])
def test_what_only_uses_a_name_defines_none(tmp_path: Path, text: str) -> None:
    assert definitions(tmp_path, other=text).of("clean") == []


def test_copies_of_one_definition_are_one_and_namesakes_are_two(tmp_path: Path) -> None:
    one = "def clean(t):\n    return t.lower()"
    assert len(definitions(tmp_path, a=one, b=f"import re\n\n{one}").of("clean")) == 1
    assert len(definitions(tmp_path, c=one.replace("lower", "upper")).of("clean")) == 2


def test_packages_and_wheels_are_read(tmp_path: Path) -> None:
    package = tmp_path / "code" / "mine"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "steps.py").write_text("class Step: ...")
    with zipfile.ZipFile(tmp_path / "code" / "theirs-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("theirs/__init__.py", "class Other: ...")
    found = code_folder.find(tmp_path, tmp_path / "model.pkl")
    assert [place.name for place in found.places] == ["code", "theirs-1.0-py3-none-any.whl"]
    known = Definitions(found.places)
    assert known.of("Step")[0].module == "mine.steps"
    assert known.of("Other")[0].module == "theirs"
    assert known.roots == {"mine", "theirs"}


def test_model_json_and_mlflow_say_where_code_lies(tmp_path: Path) -> None:
    for name in ("src", "lib", "../outside"):
        (tmp_path / "m" / name).mkdir(parents=True)
    (tmp_path / "m" / "model.json").write_text(json.dumps({"code": ["src", "../outside"]}))
    (tmp_path / "m" / "MLmodel").write_text("flavors:\n  python_function:\n    code: lib\n")
    found = code_folder.find(tmp_path / "m", tmp_path / "m" / "model.pkl")
    assert [place.name for place in found.places] == ["src", "lib"]


def test_the_file_that_would_hold_what_is_missing_is_shown() -> None:
    names = [
        Missing("__main__", "Cleaner", ("lower",)),
        Missing("__main__", "clean", None),
        Missing("my_steps.text", "split", None),
    ]
    shown = missing_code.stub(names)
    assert "# code/model_code.py\nfrom sklearn.base import BaseEstimator" in shown
    assert "class Cleaner(TransformerMixin, BaseEstimator):  # it has lower" in shown
    assert "def clean(data): ..." in shown
    assert "# code/my_steps/text.py" in shown
    compile(shown, "shown", "exec")


@pytest.mark.parametrize("function", [lambda x: x, lambda x: [y.lower() for y in x], sum.__class__])
def test_bytecode_of_this_python_fits(function: Any) -> None:
    code = getattr(function, "__code__", test_bytecode_of_this_python_fits.__code__)
    assert bytecode.fits(code.co_code)


def test_bytecode_of_this_pythons_library_fits() -> None:
    found = Path(json.__file__).parent.parent.glob("[a-e]*.py")
    codes = [compile(path.read_bytes(), path.name, "exec").co_code for path in found]
    assert len(codes) > 20
    assert all(map(bytecode.fits, codes))


@pytest.mark.parametrize(
    "raw",
    [
        bytes([124, 0, 83, 0]),  # of Python 3.10: it begins with no RESUME
        bytes([151, 0, 255, 0, 83, 0]),  # an opcode that there isn't
        bytes([151, 0, 116, 0, 0, 0, 0, 0, 83, 0]),  # too few free places behind LOAD_GLOBAL
        bytes([151, 0, 124, 0]),  # it doesn't end
    ],
)
@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="these numbers are of Python 3.11")
def test_bytecode_of_another_python_is_refused(raw: bytes) -> None:
    assert not bytecode.fits(raw)


def test_code_objects_are_checked_before_they_are_made() -> None:
    module: Any = SimpleNamespace(_builtin_type=lambda name: name)
    bytecode.watch(module)
    assert module._builtin_type("MethodType") == "MethodType"
    with pytest.raises(Exception, match="another version of Python"):
        module._builtin_type("CodeType")(0, 0, 0, 0, 1, 0, b"d\x00S\x00", (), (), (), "", "f", 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("open('no-such.csv')\ndef clean(t): ...", "steps.py, line 1, fails when it is imported"),
        ("import no_such_package\ndef clean(t): ...", "environment of the deployment"),
        ("def clean(t: ...", "steps.py, line 1, fails"),
    ],
)
def test_a_file_that_cant_be_imported_is_named(tmp_path: Path, text: str, told: str) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from own_code import code_folder, importing\n"
        "from own_code.code_folder import CodeFolder\n"
        "code = CodeFolder(Path(sys.argv[1]), (Path(sys.argv[1]),))\n"
        "importing.activate(code)\n"
        "try: import steps\n"
        "except Exception as error: print(importing.explained(error, code.places))\n"
    )
    (tmp_path / "steps.py").write_text(text)
    command = [sys.executable, "-c", program, str(tmp_path)]
    paths = {"PYTHONPATH": str(Path(importing.__file__).parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=paths)
    assert told in done.stdout
