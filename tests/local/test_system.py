"""Start, stop, restart and kill of `python -m local`."""

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from local.processes import parents
from tests.local.sample.assembly_folder import write_assembly
from tests.local.sample.template import sample_template
from tests.local.sample_run import Run, launch, put, start, until

pytestmark = pytest.mark.slow


def test_a_second_start_says_who_runs(run: Run) -> None:
    second = launch(run.state / "unread", run.state)
    output = second.communicate(timeout=20)[0]
    assert second.returncode == 1
    assert f"already running (pid {run.process.pid})" in output
    assert (run.state / "endpoints.json").exists()


def test_a_chosen_port_that_is_taken_stops_the_start(run: Run, tmp_path: Path) -> None:
    assembly = write_assembly(tmp_path / "out", sample_template())
    port = run.endpoints["api"].rsplit(":", 1)[1].partition("/")[0]
    process = launch(assembly, tmp_path / "state", "--api-port", port)
    output = process.communicate(timeout=20)[0]
    assert process.returncode == 1
    assert f"port {port} (--api-port) is in use" in output


def test_a_handler_that_does_not_start_stops_the_start(tmp_path: Path) -> None:
    resources = sample_template()
    resources["Sink"]["Properties"]["Handler"] = "app.absent"
    process = launch(write_assembly(tmp_path / "out", resources), tmp_path / "state")
    output = process.communicate(timeout=30)[0]
    assert process.returncode == 1
    assert "Sample/Sink (AWS::Lambda::Function): its handler app.absent does not start" in output
    assert "Handler 'absent' missing on module 'app'" in output
    assert "Traceback" not in output
    assert not (tmp_path / "state" / "endpoints.json").exists()


def test_a_stop_leaves_no_process_and_a_restart_keeps_everything(tmp_path: Path) -> None:
    assembly = write_assembly(tmp_path / "out", sample_template())
    first = start(assembly, tmp_path / "state")
    version, _ = put(first, "kept.bin"), put(first, "kept.bin")
    put(first, "gone.bin")
    first.s3().delete_object(Bucket=first.endpoints["bucket"], Key="gone.bin")
    first.record("kept.bin")
    answer = first.call("POST", "/things?step=start")
    assert answer.status_code == 201
    started = first.processes()
    # Three functions, what one of them started in a session of its own, S3 server, reaper.
    assert len(started) == 6
    code, output = first.stop(signal.SIGINT)
    assert (code, output.splitlines()[-1]) == (0, "stopped")
    assert not [pid for pid in started if _alive(pid)]
    assert not (tmp_path / "state" / "endpoints.json").exists()

    second = start(assembly, tmp_path / "state")
    s3, bucket = second.s3(), second.endpoints["bucket"]
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["kept.bin"]
    old = s3.get_object(Bucket=bucket, Key="kept.bin", VersionId=version)
    assert old["Body"].read() == b"abc"
    assert second.record("kept.bin")
    second.stop()


def test_a_killed_run_leaves_no_process(tmp_path: Path) -> None:
    assembly = write_assembly(tmp_path / "out", sample_template())
    run = start(assembly, tmp_path / "state")
    with ThreadPoolExecutor(1) as client:
        call = client.submit(run.call, "POST", "/things?step=hold")
        # Three functions, what the called one started and waits for, S3 server, reaper.
        started = until(lambda: found if len(found := run.processes()) == 6 else None)
        run.process.kill()
        assert isinstance(call.exception(), requests.ConnectionError)
    run.process.communicate()
    until(lambda: not [pid for pid in started if _alive(pid)])


def test_a_killed_run_goes_on_with_what_it_had_acknowledged(tmp_path: Path) -> None:
    assembly = write_assembly(tmp_path / "out", sample_template())
    first = start(assembly, tmp_path / "state")
    keys = [f"{number}.bin" for number in range(3)]
    versions = [put(first, key) for key in keys]
    first.process.kill()
    first.process.communicate()

    second = start(assembly, tmp_path / "state")
    listed = second.s3().list_object_versions(Bucket=second.endpoints["bucket"])["Versions"]
    assert {(each["Key"], each["VersionId"]) for each in listed} == set(
        zip(keys, versions, strict=True)
    )
    for key in keys:
        assert second.record(key)["requestContext"]["condition"] == "Success"
    second.stop()


def _alive(pid: int) -> bool:
    return pid in parents()
