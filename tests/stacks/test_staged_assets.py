from pathlib import Path

from stacks.staged_assets import make_readable


def test_strict_modes_become_readable_and_scripts_stay_executable(tmp_path: Path) -> None:
    folder = tmp_path / "asset.1" / "package"
    folder.mkdir(parents=True)
    (folder / "code.py").write_text("")
    (folder / "script.sh").write_text("")
    (folder / "code.py").chmod(0o600)
    (folder / "script.sh").chmod(0o700)
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "manifest.json").chmod(0o600)
    folder.chmod(0o700)

    make_readable(tmp_path)

    modes = {p.name: p.stat().st_mode & 0o777 for p in tmp_path.rglob("*")}
    assert modes == {
        "asset.1": 0o755,
        "package": 0o755,
        "code.py": 0o644,
        "script.sh": 0o755,
        "manifest.json": 0o600,
    }
