"""Archives: the hostile ones leave nothing anywhere, the honest ones become a model."""

import gzip
import hashlib
import io
import json
import os
import random
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from loader.archives import unpacking
from serving.errors import UploadRejected
from serving.formats.file_names import is_archive
from serving.records.manifest import ModelFile
from serving.records.object_keys import ObjectKey
from serving.records.verdicts import Candidate
from serving.repository.repository import Repository
from tests.lambdas.deployment import Deployment, classifier, dumped
from tests.lambdas.loader.archives.sample_archives import (
    FILES,
    HONEST,
    HOSTILE,
    MODEL,
    Files,
    entry,
    plain_tar,
    raw_tar,
    sized,
    tar,
    zipped,
)
from tests.lambdas.prepared import prepared
from tests.lambdas.serving.repository.uploads import DESCRIPTION, source

MAX_BYTES = 20_000_000
MIB = 1024 * 1024


class Place:
    """A candidate's folder with things around it that must stay as they are."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.files = root / "candidates" / "c" / "files"
        self.files.mkdir(parents=True)
        for name in ("outside", "candidates/other/files", "models/iris/versions/1"):
            (root / name).mkdir(parents=True)
            (root / name / "kept").write_bytes(b"as it was")
        self._before = self._around()

    def unpack(self, extension: str, data: bytes, max_bytes: int = MAX_BYTES) -> Files:
        packed = self.files.parent / f"m{extension}"
        packed.write_bytes(data)
        try:
            files = unpacking.unpack(packed, self.files, max_bytes)
        finally:
            packed.unlink()
            assert self._around() == self._before
        there = {str(p.relative_to(self.files)) for p in self.files.rglob("*") if p.is_file()}
        assert there == {file.name for file in files}
        for file in files:
            content = (self.files / file.name).read_bytes()
            assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        return {file.name: (self.files / file.name).read_bytes() for file in files}

    def refusal(self, extension: str, data: bytes, max_bytes: int = MAX_BYTES) -> UploadRejected:
        with pytest.raises(UploadRejected) as refused:
            self.unpack(extension, data, max_bytes)
        assert not self.files.exists()
        return refused.value

    def _around(self) -> dict[str, tuple[int, int, bytes]]:
        return {
            str(path): (path.lstat().st_mode, path.lstat().st_nlink, path.read_bytes())
            for path in self._root.rglob("*")
            if path.is_file() and self.files not in path.parents
        }


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_text_or_json_beside_the_model_is_not_taken_for_one(tmp_path: Path) -> None:
    names = ("requirements.txt", "a.json", "sub/model.cbm")
    files = [ModelFile(name, 1, "") for name in names]
    (tmp_path / "a.json").write_text("{}", "utf-8")
    assert unpacking._model_first(files, tmp_path)[0].name == "sub/model.cbm"
    with pytest.raises(UploadRejected, match="one model file"):
        unpacking._model_first(files[:2], tmp_path)
    files[1] = ModelFile("model.txt", 1, "")
    assert unpacking._model_first(files, tmp_path)[0].name == "model.txt"


@pytest.mark.parametrize(
    "start", [b"\x80\x04K\x01.", b"CBM1", b"tree\nversion=v4\n", b'{"learner":']
)
def test_where_no_name_is_a_models_the_content_tells(place: Place, start: bytes) -> None:
    files = {"sub/mine.dat": start, "data.csv": b"a,b\n", "README.md": start}
    assert next(iter(place.unpack(".tgz", tar(*files.items())))) == "sub/mine.dat"


def test_two_models_by_content_are_one_too_many(place: Place) -> None:
    files = {"mine.dat": b"CBM1", "yours.bin": b"CBM1"}
    assert "one model file" in str(place.refusal(".tgz", tar(*files.items())))


def test_the_corpus_is_large_enough() -> None:
    assert len(HOSTILE) >= 30
    assert len(HONEST) >= 15


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archives_are_refused_and_leave_nothing(place: Place, name: str) -> None:
    extension, make = HOSTILE[name]
    refused = place.refusal(extension, make())
    assert refused.rejection_code == "BAD_ARCHIVE"
    json.dumps(str(refused), ensure_ascii=False).encode()  # as it is written down
    assert len(str(refused)) < 1000


@pytest.mark.parametrize("name", HONEST)
def test_honest_archives_are_taken(place: Place, name: str) -> None:
    extension, make, files = HONEST[name]
    found = place.unpack(extension, make())
    assert found == files
    assert next(iter(found)) == "model.joblib"


def test_neither_permissions_nor_times_are_taken_over(place: Place) -> None:
    info, _ = entry("model.joblib", mode=0o6777, mtime=1)
    place.unpack(".tar.gz", tar((info, b"x")))
    status = (place.files / "model.joblib").stat()
    assert status.st_mode & 0o7133 == 0
    assert status.st_mtime > 1
    assert (status.st_uid, status.st_gid) == (os.getuid(), os.getgid())


@pytest.mark.parametrize("extension", [".tar.gz", ".zip"])
def test_the_limit_counts_what_is_unpacked(place: Place, extension: str) -> None:
    make: Callable[..., bytes] = zipped if extension == ".zip" else tar
    data = make(("model.joblib", b"x" * 60), ("second", b"x" * 40))
    assert len(place.unpack(extension, data, max_bytes=100)) == 2
    place.files.joinpath("model.joblib").unlink()
    place.files.joinpath("second").unlink()
    refused = place.refusal(extension, data, max_bytes=99)
    assert "'second'" in str(refused)
    assert "max_model_bytes" in str(refused)


@pytest.mark.parametrize(
    ("files", "model"),
    [
        ({"model.joblib": b"1", "code/helper.pkl": b"2"}, "model.joblib"),
        ({"iris/deep/model.skops": b"1", "iris/readme.md": b"2"}, "iris/deep/model.skops"),
        ({"readme.md": b"2", "M.PKL": b"1"}, "M.PKL"),
        ({"scaler.joblib": b"1", "clf.joblib": b"2", "model.json": b"{}"}, "clf.joblib"),
        ({"x/tfidf.joblib": b"1", "y/b.joblib": b"2"}, "y/b.joblib"),
        ({"scaler.pkl": b"1", "rf.sav": b"2", "deep/model.pkl": b"3"}, "rf.sav"),
        ({f"{n:02}.joblib": b"1" for n in range(17)}, None),
        ({"a.cbm": b"CBM1", "b.cbm": b"CBM1"}, None),
        ({"readme.md": b"1", "weights.bin": b"2"}, None),
        ({".model.joblib": b"1", "__MACOSX/model.joblib": b"2"}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("make", [tar, zipped])
def test_which_file_is_the_model(
    place: Place, make: Callable[..., bytes], files: Files, model: str | None
) -> None:
    extension = ".zip" if make is zipped else ".tgz"
    if model is not None:
        assert next(iter(place.unpack(extension, make(*files.items())))) == model
        return
    refused = place.refusal(extension, make(*files.items()))
    assert refused.rejection_code == "NO_MODEL_IN_ARCHIVE"
    assert all(repr(name) in str(refused) for name in [*files][:10])


def test_a_link_put_in_the_way_is_not_followed(place: Place, tmp_path: Path) -> None:
    (place.files / "code").symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match="code"):
        place.unpack(".tar.gz", tar(MODEL, ("code/x", b"x")))
    (place.files.parent / "files").symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match="files"):
        place.unpack(".tar.gz", tar(MODEL))
    assert [path.name for path in (tmp_path / "outside").iterdir()] == ["kept"]


def test_a_file_put_in_the_way_is_not_written_to(place: Place, tmp_path: Path) -> None:
    os.link(tmp_path / "outside" / "kept", place.files / "model.joblib")
    (tmp_path / "outside" / "kept").chmod(0o644)
    place._before = place._around()
    with pytest.raises(FileExistsError):
        unpacking.unpack(_packed(tmp_path, tar(MODEL)), place.files, MAX_BYTES)
    assert (tmp_path / "outside" / "kept").read_bytes() == b"as it was"


def test_damage_anywhere_is_a_refusal_or_harmless(tmp_path: Path) -> None:
    chance = random.Random(7)
    honest = {
        ".tar.gz": plain_tar(*FILES.items(), ("x" * 120, b"x")),
        ".zip": zipped(*FILES.items()),
    }
    refused = 0
    for number in range(50):
        for extension, data in honest.items():
            broken = bytearray(data)
            for _ in range(chance.randint(1, 4)):
                broken[chance.randrange(len(broken))] = chance.choice(
                    (0, 255, chance.randrange(256))
                )
            place = Place(tmp_path / f"{number}{extension}")
            content = gzip.compress(broken, 1) if extension == ".tar.gz" else bytes(broken)
            try:
                place.unpack(extension, content)
            except UploadRejected:
                refused += 1
                assert not place.files.exists()
    assert refused > 25


def _packed(folder: Path, data: bytes) -> Path:
    path = folder / "m.tar.gz"
    path.write_bytes(data)
    return path


class Noise(io.RawIOBase):
    """So many bytes that no one can pack, made while they are read."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._piece = random.Random(1).randbytes(MIB)

    def read(self, size: int = -1, /) -> bytes:
        size = min(size, self._left, MIB) if size >= 0 else min(self._left, MIB)
        self._left -= size
        return self._piece[:size]


def _large(path: Path, size: int) -> None:
    if path.suffix == ".zip":
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed,
            packed.open("model.joblib", "w", force_zip64=True) as file,
        ):
            for _ in range(size // MIB):
                file.write(Noise(MIB).read(MIB))
        return
    info = tarfile.TarInfo("model.joblib")
    info.size = size
    with tarfile.open(path, "w:gz", compresslevel=1) as packed_tar:
        packed_tar.addfile(info, Noise(size))


@pytest.mark.slow
@pytest.mark.parametrize("extension", [".tar.gz", ".zip"])
def test_memory_stays_flat(place: Place, tmp_path: Path, extension: str) -> None:
    packed = tmp_path / f"m{extension}"
    _large(packed, 48 * MIB)
    tracemalloc.start()
    try:
        (file,) = unpacking.unpack(packed, place.files, 64 * MIB)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert file.size == 48 * MIB
    assert peak < 8 * MIB


@pytest.mark.parametrize(
    "name", ["tar: pax header of 1 GiB", "tar: a bomb", "zip: large directory", "zip: a bomb"]
)
def test_memory_stays_flat_when_a_header_lies(place: Place, tmp_path: Path, name: str) -> None:
    extension, make = HOSTILE[name]
    packed = tmp_path / f"m{extension}"
    packed.write_bytes(make())
    tracemalloc.start()
    try:
        with pytest.raises(UploadRejected):
            unpacking.unpack(packed, place.files, 64 * MIB)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * MIB


@pytest.mark.parametrize(
    ("key", "model", "version"),
    [
        ("iris.tar.gz", "iris", None),
        ("iris.v2.TAR.GZ", "iris.v2", None),
        ("iris.tgz", "iris", None),
        ("iris.zip", "iris", None),
        ("iris/model.tar.gz", "iris", None),
        ("iris/3/model.tar.gz", "iris", "3"),
    ],
)
def test_keys_of_archives(key: str, model: str, version: str | None) -> None:
    name = ObjectKey.parse(key)
    assert (name.model, name.version) == (model, version)
    assert is_archive(name.filename)


def test_an_uploaded_archive_answers(deployment: Deployment) -> None:
    code = ("code/inference.py", b"raise SystemExit('never run')")
    data = tar(entry("./code/", tarfile.DIRTYPE), code, ("./model.joblib", dumped(classifier(10))))
    outcome = deployment.upload("iris/3/model.tar.gz", data)
    assert outcome is not None
    assert outcome["result"] == "activated"
    answer = deployment.call(
        "POST", "/inference", b'{"model": "iris", "instances": [[0, 0], [1, 1]]}'
    )
    assert json.loads(answer.body)["predictions"] == [10, 11]
    (version,) = json.loads(deployment.call("GET", "/models/iris").body)["versions"]
    assert [file["name"] for file in version["files"]] == ["model.joblib", "code/inference.py"]
    assert version["source"]["size"] == len(data)
    assert list((deployment.root / "candidates").iterdir()) == []


def test_a_model_in_a_folder_of_an_archive_answers(deployment: Deployment) -> None:
    files = (("iris/model.joblib", dumped(classifier(20))), ("iris/readme.md", b"# Iris"))
    outcome = deployment.upload("iris.zip", zipped(*files))
    assert outcome is not None
    assert outcome["result"] == "activated"
    answer = deployment.call("POST", "/inference", b'{"model": "iris", "instances": [[1, 1]]}')
    assert json.loads(answer.body)["predictions"] == [21]


def test_a_refused_archive_leaves_a_reason_and_nothing_else(deployment: Deployment) -> None:
    data = raw_tar(sized(*MODEL), sized("../../../models/iris/current", b"x"))
    outcome = deployment.upload("iris.tar.gz", data)
    assert outcome is not None
    assert outcome["result"] == "rejected"
    assert "'../../../models/iris/current'" in outcome["reason"]
    (refused,) = deployment.repository.models.status("iris").rejected
    assert refused.code == "BAD_ARCHIVE"
    assert list((deployment.root / "candidates").iterdir()) == []
    assert deployment.repository.models.current("iris") is None


def test_nothing_is_kept_of_the_archive_itself(deployment: Deployment) -> None:
    verdict = deployment.stager.judge(deployment.put("iris.tgz", tar(("a/m.joblib", b"x"))))
    assert isinstance(verdict, Candidate)
    assert verdict.filename == "a/m.joblib"
    folder = deployment.repository.candidates.folder(verdict.candidate)
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["m.joblib"]


def _staged(root: Path) -> tuple[Repository, str, Path]:
    repository = Repository(root)
    pending = repository.announce("iris", "1", source(1))
    folder = repository.candidates.files(pending.candidate)
    data = tar(("code/a.py", b"a"), ("code/sub/b.py", b"b"), MODEL)
    repository.arrived(pending, *unpacking.unpack(_packed(root, data), folder, MAX_BYTES))
    repository.candidates.describe(pending.candidate, DESCRIPTION)
    return repository, pending.candidate, folder


def test_files_in_folders_are_published(tmp_path: Path) -> None:
    repository, candidate, _ = _staged(tmp_path)
    assert (
        repository.publish("iris", "1", candidate, 5, prepared(repository, candidate)).result
        == "activated"
    )
    resolved = repository.models.resolve("iris")
    assert resolved.model_file.read_bytes() == MODEL[1]
    assert (resolved.folder / "code/sub/b.py").read_bytes() == b"b"
    names = [file.name for file in resolved.manifest.files]
    assert names == ["model.joblib", "code/a.py", "code/sub/b.py"]


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (lambda folder: (folder / "code/sub/extra").write_bytes(b"x"), "code/sub/extra"),
        (lambda folder: (folder / "code/empty").mkdir(), "code/empty"),
        (lambda folder: (folder / "code/link").symlink_to("/etc"), "code/link"),
        (lambda folder: os.mkfifo(folder / "code/pipe"), "code/pipe"),
        (lambda folder: (folder / "code/a.py").unlink(), "code/a.py"),
        (
            lambda folder: (
                (folder / "code/sub").rename(folder.parent / "s")
                and (folder / "code/sub").symlink_to(folder.parent / "s")
            ),
            "code/sub",
        ),
        (
            lambda folder: (folder / "model.joblib").unlink() or (folder / "model.joblib").mkdir(),
            "model.joblib",
        ),
    ],
)
def test_what_model_code_changes_is_not_published(
    tmp_path: Path, tamper: Callable[[Path], object], named: str
) -> None:
    repository, candidate, folder = _staged(tmp_path)
    tamper(folder)
    with pytest.raises(UploadRejected, match=named) as refused:
        repository.publish("iris", "1", candidate, 5, prepared(repository, candidate))
    assert refused.value.rejection_code == "CANDIDATE_TAMPERED"
