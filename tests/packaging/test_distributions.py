"""What a release consists of: a wheel of the command line, and its source."""

import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from modelmount import __version__
from tests.packaging.conftest import Distributions

Installed = Callable[..., "subprocess.CompletedProcess[str]"]
NAME = f"modelmount-{__version__}"
INFO = f"{NAME}.dist-info"
METADATA = {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "top_level.txt"}


def test_the_wheel_holds_the_package_and_its_licence_alone(
    root: Path, distributions: Distributions
) -> None:
    with zipfile.ZipFile(distributions.wheel) as wheel:
        found = set(wheel.namelist())
        licence = wheel.read(f"{INFO}/licenses/LICENSE")
    modules = {str(path.relative_to(root)) for path in (root / "modelmount").rglob("*.py")}
    about = {f"{INFO}/{name}" for name in METADATA | {"licenses/LICENSE", "licenses/NOTICE"}}
    assert found == modules | about | {"modelmount/py.typed"}
    assert licence == (root / "LICENSE").read_bytes()


def test_the_source_distribution_holds_no_other_part_of_the_repository(
    distributions: Distributions,
) -> None:
    with tarfile.open(distributions.source) as source:
        names = {name.removeprefix(f"{NAME}/").split("/")[0] for name in source.getnames()}
    texts = {"LICENSE", "NOTICE", "README.md"}
    build = {"MANIFEST.in", "PKG-INFO", "pyproject.toml", "setup.cfg", "modelmount.egg-info"}
    assert names - {NAME} == {"modelmount", *texts, *build}


def test_the_installed_command_tells_its_version(installed: Installed) -> None:
    done = installed("--version")
    assert (done.returncode, done.stdout) == (0, f"modelmount {__version__}\n"), done.stderr


def test_the_installed_command_tells_its_commands(installed: Installed) -> None:
    done = installed("--help")
    assert done.returncode == 0, done.stderr
    assert {"show", "rollback", "reconcile", "serve-local"} <= set(done.stdout.split())


def test_the_installed_command_says_what_only_a_clone_can_do(
    installed: Installed, tmp_path: Path
) -> None:
    model = tmp_path / "model.joblib"
    model.touch()
    for arguments in (["package", "--output", f"{tmp_path}/m.tar.gz"], ["serve-local"]):
        done = installed(*arguments, str(model))
        assert done.returncode == 1
        assert "Clone the repository" in done.stderr
        assert "Traceback" not in done.stderr
