"""The files that a synth stages for upload."""

from pathlib import Path


def make_readable(assembly: Path) -> None:
    """Lets everybody read the staged files.

    A trap: zips and images keep the modes of files, and the hash doesn't tell them. Lambda's user
    can't read what was checked out under a strict umask.
    https://repost.aws/knowledge-center/lambda-deployment-package-errors
    """
    for asset in assembly.glob("asset.*"):
        for path in (asset, *asset.rglob("*")):
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)
