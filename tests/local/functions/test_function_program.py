import dataclasses
import stat
from pathlib import Path

import pytest

from local.assembly.reader import read_assembly
from local.assembly.resources.lambda_function import Mount
from local.functions.function_program import (
    FunctionProgram,
    ServiceUrls,
    create_mount,
    prepare_function,
)
from local.state_folder import StateFolder
from tests.local.sample.assembly_folder import write_assembly
from tests.local.sample.template import sample_template

URL = "http://127.0.0.1:1"


@pytest.fixture
def programs(tmp_path: Path) -> dict[str, FunctionProgram]:
    assembly = read_assembly(write_assembly(tmp_path / "out", sample_template()))
    state = StateFolder(tmp_path / "state")
    return {
        f.name.removeprefix("Sample-"): prepare_function(
            f, state, assembly.region, ServiceUrls(s3=URL, sns=URL)
        )
        for f in assembly.functions.values()
    }


def test_only_a_role_with_s3_gets_credentials(programs: dict[str, FunctionProgram]) -> None:
    assert programs["Stage"].environment["AWS_ENDPOINT_URL_S3"] == "http://127.0.0.1:1"
    assert programs["Stage"].environment["AWS_ACCESS_KEY_ID"]
    for name in ("Sink", "ApiFunction"):
        assert not [k for k in programs[name].environment if "ACCESS_KEY" in k or "ENDPOINT" in k]


def test_only_what_is_outside_of_the_network_reaches_lambda(
    tmp_path: Path,
) -> None:
    """A destination's permission is in the role of each function; Lambda itself delivers."""
    function = next(
        f
        for f in read_assembly(
            write_assembly(tmp_path / "out", sample_template())
        ).functions.values()
        if f.uses("lambda")
    )
    urls = ServiceUrls(s3=URL, sns=URL, invoke=URL)
    for in_network, url in ((True, None), (False, URL)):
        placed = dataclasses.replace(function, in_network=in_network)
        program = prepare_function(placed, StateFolder(tmp_path / "state"), "eu-west-1", urls)
        assert program.environment.get("AWS_ENDPOINT_URL_LAMBDA") == url


def test_the_developers_environment_stays_out(
    programs: dict[str, FunctionProgram], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "VIRTUAL_ENV" not in programs["Sink"].environment
    assert "PYTHONPATH" not in programs["Sink"].environment
    assert programs["Sink"].environment["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"


def test_mounted_paths_become_local_folders(
    programs: dict[str, FunctionProgram], tmp_path: Path
) -> None:
    environment = programs["Sink"].environment
    assert environment["SINK_DIR"] == str(tmp_path / "state/efs/Files/sink")
    assert environment["ABOVE"] == "/mnt/database"


def test_an_image_gives_its_command_and_environment(
    programs: dict[str, FunctionProgram], tmp_path: Path
) -> None:
    program = programs["ApiFunction"]
    task_root = tmp_path / "state/images/image1/var/task"
    assert (program.handler, program.task_root) == ("app.api", task_root)
    assert program.environment["GREETING"] == "hello"
    assert program.environment["HOME_OF"] == f"{task_root}/data"
    assert program.environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"


def test_lambda_provides_its_own_variables(programs: dict[str, FunctionProgram]) -> None:
    provided = {
        "AWS_LAMBDA_FUNCTION_NAME": "Sample-Stage",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "_HANDLER": "app.stage",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "LAMBDA_TASK_ROOT": str(programs["Stage"].task_root),
    }
    assert provided.items() <= programs["Stage"].environment.items()


def test_an_access_point_is_made_once_with_its_permissions(tmp_path: Path) -> None:
    folder = create_mount(Mount("/mnt/x", "Fs", "/a/b", 0o750), StateFolder(tmp_path))
    assert folder == tmp_path / "efs/Fs/a/b"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750
    folder.chmod(0o700)
    create_mount(Mount("/mnt/x", "Fs", "/a/b", 0o750), StateFolder(tmp_path))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_access_point_without_permissions_makes_nothing(tmp_path: Path) -> None:
    folder = create_mount(Mount("/mnt/x", "Fs", "/a/b", None), StateFolder(tmp_path))
    assert folder == tmp_path / "efs/Fs/a/b"
    assert not folder.parent.exists()
