"""Forests as operations: without the kernel, and in a damaged file."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_iris
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.program import file
from modelmount_compiler.program.operations.trees.numpy_forest import NODE

pytestmark = pytest.mark.usefixtures("one_thread")

X, SPECIES = load_iris(return_X_y=True)

WITHOUT_THE_KERNEL = """
import sys
sys.modules["modelmount_kernel"] = None
import numpy, pathlib
from modelmount_compiler.program import file
program = file.read(pathlib.Path(sys.argv[1]))
module = type(program.nodes[0].operation._forest).__module__
assert module == "modelmount_compiler.program.operations.trees.numpy_forest"
numpy.save(sys.argv[2], program.run("predict_proba", numpy.load(sys.argv[2])))
"""


def compiled(model: Any, path: Path) -> Path:
    file.write(path, compile_model(model, runtime.describe(model)))
    return path


def test_without_the_kernel_answers_are_the_same(tmp_path: Path, root: Path) -> None:
    model = RandomForestClassifier(9, random_state=0).fit(X, SPECIES)
    path, rows = compiled(model, tmp_path / "program"), tmp_path / "rows.npy"
    np.save(rows, X)
    command = [sys.executable, "-c", WITHOUT_THE_KERNEL, str(path), str(rows)]
    subprocess.run(command, cwd=root / "lambdas", check=True)
    assert (np.load(rows) == model.predict_proba(X)).all()


def nodes_of(content: NDArray[np.uint8], path: Path) -> NDArray[np.uint8]:
    """Return where a file's content holds the nodes of its first operation."""
    nodes = file.read(path).nodes[0].operation.nodes.tobytes()  # type: ignore[attr-defined]
    start = content.tobytes().index(nodes)
    return content[start : start + len(nodes)]


@pytest.mark.parametrize(
    "model",
    [RandomForestClassifier(9, random_state=0), HistGradientBoostingClassifier(max_iter=9)],
    ids=["vectors", "numbers"],
)
def test_no_damage_to_a_file_crashes(model: Any, tmp_path: Path) -> None:
    path = compiled(model.fit(X, SPECIES), tmp_path / "program")
    rng, refusals = np.random.default_rng(0), list[str]()
    for _ in range(100):
        content = np.frombuffer(path.read_bytes(), dtype=np.uint8).copy()
        nodes = nodes_of(content, path)
        nodes[rng.integers(0, len(nodes), 20)] = rng.integers(0, 256, 20)
        damaged = tmp_path / "damaged"
        damaged.write_bytes(content)
        try:
            assert file.read(damaged).run("predict", X).shape == SPECIES.shape
        except ValueError as error:
            refusals.append(str(error))
    assert len(refusals) > 50
    assert all("damaged" in words for words in refusals)


def test_nodes_stay_mapped(tmp_path: Path) -> None:
    model = RandomForestClassifier(9, random_state=0).fit(X, SPECIES)
    operation: Any = file.read(compiled(model, tmp_path / "program")).nodes[0].operation
    assert not operation.nodes.flags.owndata
    assert not operation.nodes.flags.writeable
    assert operation.nodes.nbytes % NODE.itemsize == 0
