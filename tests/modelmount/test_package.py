"""Models packed for SageMaker: what is in the archive, and what is refused with which advice."""

import hashlib
import io
import os
import re
import socket
import tarfile
from collections.abc import Callable
from pathlib import Path

import joblib
import pytest
from rich.console import Console
from rich.progress import Progress

from modelmount.__main__ import main
from modelmount.members import members
from modelmount.package import write
from tests.lambdas.deployment import classifier

SCRIPT = "def model_fn(model_dir): return 1\n"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "model.tar.gz"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder in script mode, with what shouldn't be packed."""
    folder = tmp_path / "model"
    (folder / "code" / "__pycache__").mkdir(parents=True)
    (folder / "code" / "inference.py").write_text(SCRIPT)
    (folder / "code" / "__pycache__" / "inference.pyc").touch()
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").touch()
    (folder / "weights.bin").write_bytes(b"w" * 1000)
    (folder / "latest.bin").symlink_to("weights.bin")
    return folder


def pack(source: Path, target: Path, *more: str) -> int:
    return main(["package", str(source), "--output", str(target), *more])


def packed(target: Path) -> dict[str, bytes]:
    with tarfile.open(target) as archive:
        return {member.name: _content(archive, member) for member in archive}


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    assert file is not None
    return file.read()


def test_a_file_lies_at_the_top_with_its_checksum_beside_it(
    tmp_path: Path, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "fraud.joblib"
    joblib.dump(classifier(), source)

    assert pack(source, target) == 0

    assert packed(target) == {"fraud.joblib": source.read_bytes()}
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    # As `sha256sum --check` reads it.
    assert (tmp_path / "model.tar.gz.sha256").read_text() == f"{digest}  model.tar.gz\n"
    told = capsys.readouterr().out
    assert f"{target}: a model; 1 file, " in told
    assert digest in told


def test_a_folder_is_packed_without_what_is_hidden(
    folder: Path, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "code" / "requirements.txt").write_text("numpy\n")
    assert pack(folder, target) == 0
    found = packed(target)
    assert list(found) == [
        "code/inference.py",
        "code/requirements.txt",
        "latest.bin",
        "weights.bin",
    ]
    assert found["latest.bin"] == found["weights.bin"] == b"w" * 1000
    told = capsys.readouterr().out
    assert "script mode" in told
    assert "MODELMOUNT_ALLOW_INSTALL" in told


def test_a_script_is_packed_alone_or_beside_a_file(tmp_path: Path, target: Path) -> None:
    script, weights = tmp_path / "serve.py", tmp_path / "weights.pt"
    script.write_text(SCRIPT)
    weights.write_bytes(b"weights")
    assert pack(script, target) == 0
    assert packed(target) == {"code/inference.py": SCRIPT.encode()}
    assert pack(weights, target, "--script", str(script)) == 0
    assert packed(target) == {"code/inference.py": SCRIPT.encode(), "weights.pt": b"weights"}


def test_a_text_generator_is_packed(
    tmp_path: Path, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "gpt"
    folder.mkdir()
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        (folder / name).write_text(name)
    assert pack(folder, target) == 0
    assert "text generation; 3 files" in capsys.readouterr().out


def test_the_same_files_give_the_same_bytes(folder: Path, target: Path) -> None:
    assert pack(folder, target) == 0
    first = target.read_bytes()
    os.utime(folder / "weights.bin", (0, 0))
    (folder / "weights.bin").chmod(0o600)
    assert pack(folder, target) == 0
    assert target.read_bytes() == first
    (folder / "weights.bin").write_bytes(b"v" * 1000)
    assert pack(folder, target) == 0
    assert target.read_bytes() != first


def test_progress_is_shown_by_bytes(folder: Path, target: Path) -> None:
    shown = io.StringIO()
    with Progress(console=Console(file=shown, force_terminal=True)) as progress:
        write(members(folder, max_gb=1), target, progress)
    (task,) = progress.tasks
    assert (task.completed, task.finished) == (2000 + len(SCRIPT), True)
    assert "100%" in shown.getvalue()


def _leads_elsewhere(folder: Path) -> None:
    (folder / "link").symlink_to(folder.parent / "elsewhere")
    (folder.parent / "elsewhere").write_text("far")


def _leads_out(folder: Path) -> None:
    _leads_elsewhere(folder)
    (folder / "link").unlink()
    (folder / "link").symlink_to("../elsewhere")


def _loops(folder: Path) -> None:
    (folder / "again").symlink_to(".")


def _is_a_socket(folder: Path) -> None:
    here = Path.cwd()
    os.chdir(folder)  # a socket's path has 108 bytes at the most
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("listener")
    os.chdir(here)


def _has_no_script(folder: Path) -> None:
    (folder / "code" / "inference.py").rename(folder / "code" / "serve.py")


def _has_two_models(folder: Path) -> None:
    (folder / "code" / "inference.py").unlink()
    for name in ("a.joblib", "b.onnx"):
        (folder / name).touch()


MISTAKES: list[tuple[Callable[[Path], object], str]] = [
    (_leads_elsewhere, "link is a link to /.*elsewhere.* Copy the file .* or add --dereference"),
    (_leads_out, r"link is a link to \.\./elsewhere.* Copy the file"),
    (lambda folder: (folder / "gone").symlink_to("nothing"), "nothing, which isn't there"),
    (_loops, "more than 16 folders deep. Is there a loop?"),
    (_is_a_socket, "listener is neither a file nor a folder"),
    (_has_no_script, "One model file is expected.* there are none.*needs code/inference.py"),
    (_has_two_models, r"there are these: a\.joblib, b\.onnx"),
]


@pytest.mark.parametrize(("spoil", "told"), MISTAKES)
def test_a_folder_that_could_not_be_served_is_refused(
    folder: Path,
    target: Path,
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[Path], object],
    told: str,
) -> None:
    spoil(folder)
    assert pack(folder, target) == 1
    assert re.search(told, capsys.readouterr().err)
    assert [path.name for path in target.parent.glob("*model.tar.gz*")] == []


def test_what_links_lead_to_is_packed_on_demand(folder: Path, target: Path) -> None:
    _leads_elsewhere(folder)
    assert pack(folder, target, "--dereference") == 0
    assert packed(target)["link"] == b"far"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere"], "nowhere isn't there"),
        (["model", "--max-gb", "1e-6"], "have 0.0 GB together, and at most 1e-06.*raise --max-gb"),
        (["model", "--output", "model/model.tar.gz"], "lies in the folder that it is made of"),
        (["model", "--output", "model.zip"], "ends in .tar.gz or .tgz"),
        (["model", "--output", "no/model.tar.gz"], "There is no folder no"),
        (["model", "--script", "model/code/inference.py"], "copy .* to model/code/inference.py"),
        (["model/code/inference.py", "--script", "x.py"], "--script goes beside a model's file"),
        (["old.tar.gz"], "is packed. Try it with: modelmount serve-local old.tar.gz"),
        (["notes.md"], "One model file is expected in the model, and there are none"),
    ],
)
def test_other_mistakes(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    told: str,
) -> None:
    monkeypatch.chdir(folder.parent)
    Path("old.tar.gz").touch()
    Path("notes.md").touch()
    assert main(["package", *arguments]) == 1
    assert re.search(told, capsys.readouterr().err)
