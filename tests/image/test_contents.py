"""What is in the image, and how much."""

import re
from collections.abc import Callable

import pytest

from tests.image.conftest import TARGETS, Images
from tests.image.emulator import Runner, Running

# Megabytes that an image may add to its base, unpacked. Lambda allows 10 GB in all; a cold start
# reads only what is imported.
BUDGET_MB = 850 + 800  # 800: two environments
IMPORTS = (
    "import serving.api.application, serving.service.service, preparer.handler, "
    "modelmount_kernel, sklearn.ensemble, "
    "lightgbm, xgboost, catboost, onnxruntime, skops.io, pandas, joblib"
)
COMPILED_HERE = re.compile(r"^# code object from '(/.*\.py)'", re.MULTILINE)


@pytest.mark.parametrize("target", TARGETS)
def test_size_is_within_its_budget(
    images: Images, target: str, measured: Callable[[str], None]
) -> None:
    whole, base = (
        images.megabytes(images.name(target)),
        images.megabytes("localhost/modelmount-base"),
    )
    measured(
        f"{target}: {whole:.0f} MB, {base:.0f} of them the base; its budget is {BUDGET_MB} MB more"
    )
    assert whole - base < BUDGET_MB


def test_everything_imports_and_nothing_is_compiled_when_it_is(probe: Running) -> None:
    """Nothing can be written beside the modules: whatever isn't compiled is so at every start."""
    said = probe.invoke({"python": ["-v", "-c", IMPORTS]})
    assert "import 'catboost'" in said, said[-2000:]
    assert COMPILED_HERE.findall(said) == []


def test_it_runs_the_python_of_the_functions(
    images: Images, runner: Runner, probe: Running, measured: Callable[[str], None]
) -> None:
    measured(f"images: built in {images.seconds:.0f} s, run by {runner.name}")
    said = probe.invoke({"python": ["-c", "import sys; print(sys.version_info[:2])"]})
    assert said.strip() == "(3, 13)"


def test_the_kernel_is_compiled_code(probe: Running) -> None:
    code = "import modelmount_kernel._kernel as kernel; print(kernel.__file__)"
    assert probe.invoke({"python": ["-c", code]}).strip().endswith(".so")


def test_installed_packages_agree_with_each_other(probe: Running) -> None:
    """All that is missing is what CatBoost draws with."""
    said = probe.invoke({"python": ["-m", "pip", "check"]})
    missing = set(re.findall(r"requires (\S+), which is not installed", said))
    assert missing == {"graphviz", "matplotlib", "plotly"}
    assert "but you have" not in said
