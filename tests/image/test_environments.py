"""The environments in the image: each runs under Lambda's limits, and they share what they can."""

import json
from collections.abc import Callable

import pytest

from tests.image.conftest import Images
from tests.image.emulator import Running
from tests.image.test_contents import COMPILED_HERE

# As docker/standin/build.sh builds them. The stand-in, Debian 13, has Python 3.13 alone: those of
# scikit-learn 1.1 to 1.4, whose wheels are for 3.11 and 3.12, are tried outside of the image.
BUILT = {"sklearn-1.5": "1.5.2", "sklearn-1.7": "1.7.2"}
IMPORTS = (
    "import json, os, numpy, scipy.sparse, pandas, sklearn.ensemble, skops.io, joblib, msgspec, "
    "safetensors.numpy, pybase64, modelmount_kernel, modelmount_compiler, "
    "xgboost, lightgbm, catboost; "
    "print('FOUND', json.dumps([sklearn.__version__, os.getuid()]))"
)
FIND = "from environments.installed import others, root; print([e.name for e in others(root())])"


def run(probe: Running, environment: str, *arguments: str) -> str:
    start = f"/opt/environments/{environment}/bin/python"
    code = (
        "import os, subprocess, sys; os.environ['PYTHONPATH'] = '/var/task'; "
        f"sys.exit(subprocess.run([{start!r}, *{list(arguments)!r}]).returncode)"
    )
    said: str = probe.invoke({"python": ["-c", code]})
    return said


def test_they_are_found(probe: Running) -> None:
    assert probe.invoke({"python": ["-c", FIND]}).strip() == str(sorted(BUILT))


@pytest.mark.parametrize("environment", BUILT)
def test_each_imports_all_it_has_and_compiles_nothing_then(
    probe: Running, environment: str
) -> None:
    said = run(probe, environment, "-v", "-c", IMPORTS)
    (found,) = [line for line in said.splitlines() if line.startswith("FOUND ")]
    assert json.loads(found.removeprefix("FOUND ")) == [BUILT[environment], 1001]
    assert COMPILED_HERE.findall(said) == []


def test_files_in_common_are_in_the_image_once(
    images: Images, probe: Running, measured: Callable[[str], None]
) -> None:
    code = (
        "from pathlib import Path; "
        "found = sorted(Path('/opt/environments').glob('*/lib/*/site-packages/numpy/version.py')); "
        "print(found[0].samefile(found[1]))"
    )
    assert probe.invoke({"python": ["-c", code]}).strip() == "True"
    measured(f"environments in the image: {', '.join(BUILT)}")
