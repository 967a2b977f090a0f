"""An environment as the product sees it: read by `environments`, run with the product's code."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from environments import installed
from environments.environment import Environment

pytestmark = pytest.mark.slow

FIT = """
import numpy, sklearn
from sklearn.linear_model import LogisticRegression
import modelmount_compiler, modelmount_kernel, msgspec, skops.io, safetensors.numpy, pybase64
model = LogisticRegression().fit(numpy.eye(4), [0, 1, 0, 1])
print(sklearn.__version__, model.predict(numpy.eye(4)).tolist())
"""


@pytest.fixture(scope="module")
def found(environments: Callable[..., Path]) -> Environment:
    (environment,) = installed.others(environments("sklearn-1.6"))
    return environment


def test_it_is_found_with_its_versions(found: Environment) -> None:
    assert found.name == "sklearn-1.6"
    assert found.version("scikit_learn") == "1.6.1"
    assert found.version("modelmount-kernel")


def test_its_python_runs_the_products_code(found: Environment, root: Path) -> None:
    done = subprocess.run(
        [found.python, "-B", "-c", FIT],
        env={**os.environ, "PYTHONPATH": str(root / "lambdas")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "1.6.1 [0, 1, 0, 1]"
