"""What environments hold in common lies on disk once."""

from pathlib import Path

from environment_builder.sharing import bytes_on_disk, share


def environment(folder: Path, python: str, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / "lib" / python / "site-packages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_the_same_file_of_two_pythons_is_one(tmp_path: Path) -> None:
    one = environment(tmp_path / "one", "python3.12", {"numpy/a.py": "same", "numpy/b.py": "old!"})
    two = environment(tmp_path / "two", "python3.13", {"numpy/a.py": "same", "numpy/b.py": "new!"})
    share(two, [one])
    assert _file(one, "numpy/a.py").samefile(_file(two, "numpy/a.py"))
    assert _file(one, "numpy/b.py").read_text() == "old!"
    assert _file(two, "numpy/b.py").read_text() == "new!"
    assert bytes_on_disk([one, two]) == 12
    assert not list(tmp_path.rglob("*.shared"))


def test_files_of_other_rights_stay_apart(tmp_path: Path) -> None:
    one = environment(tmp_path / "one", "python3.12", {"tool": "same"})
    two = environment(tmp_path / "two", "python3.12", {"tool": "same"})
    _file(two, "tool").chmod(0o755)
    share(two, [one])
    assert not _file(one, "tool").samefile(_file(two, "tool"))


def _file(folder: Path, name: str) -> Path:
    (found,) = folder.glob(f"lib/*/site-packages/{name}")
    return found
