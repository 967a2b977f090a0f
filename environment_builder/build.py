"""Builds one environment after the other into a folder.

An environment is made under another name and renamed when it is whole, so that a build which is
stopped leaves none by halves. One that is there, of this definition and kernel, is left as it is.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from environment_builder import inside
from environment_builder.definition import Definition
from environment_builder.errors import BuildError
from environment_builder.interpreters import choose, uv
from environment_builder.sharing import bytes_on_disk, share, site_packages

RECORD = "environment.json"
# Changes when environments are made in another way.
EDITION = "1"


@dataclass(frozen=True)
class Builder:
    """Builds environments.

    Attributes:
        target: the folder in which they lie side by side.
        kernel: the compiled trees' wheel, or the folder of its source, or None for none.
        say: takes a line about the progress.
    """

    target: Path
    kernel: Path | None
    say: Callable[[str], None]

    def build(self, definition: Definition) -> None:
        """Build an environment unless it is there.

        Raises:
            BuildError: it can't be; a former one of that name is left as it was.
        """
        python = choose(definition)
        digest = self._digest(definition, python)
        with self._locked():
            if self._is_there(definition.name, digest):
                self.say(f"{definition.name}: is there")
                return
            begin = time.monotonic()
            self.say(f"{definition.name}: installing {len(definition.pins)} packages for {python}")
            folder = self.target / f".{definition.name}.new"
            record = self._make(definition, python, folder)
            self._record(folder, {"name": definition.name, **record, "definition": digest})
            self._put(folder, definition.name)
            own = self._own_megabytes(definition.name)
            self.say(
                f"{definition.name}: Python {record['python_version']}, "
                f"{own:.0f} MB of its own, in {time.monotonic() - begin:.0f} s"
            )

    def others(self, name: str) -> list[Path]:
        """Return the folders of the other environments that are there."""
        records = sorted(self.target.glob(f"*/{RECORD}"))
        return [record.parent for record in records if record.parent.name != name]

    def _make(self, definition: Definition, python: Path, folder: Path) -> dict[str, object]:
        shutil.rmtree(folder, ignore_errors=True)
        _run([uv(), "venv", "--quiet", "--relocatable", "--no-project", "--python", python, folder])
        own = folder / "bin" / "python"
        install: list[str | Path] = [uv(), "pip", "install", "--quiet", "--no-deps"]
        install += ["--python", own]
        # Compiled here, none runs code of strangers to be built.
        locked = ("--require-hashes", "--only-binary", ":all:", "--requirement", definition.path)
        _run([*install, *locked])
        if self.kernel:
            # As a path: a bare word would be the name of a stranger's package.
            _run([*install, "--reinstall-package", "modelmount-kernel", self.kernel.absolute()])
        ask: list[str | Path] = [own, "-B", "-I", inside.__file__]
        said = json.loads(_run(ask))
        _check(said["packages"], definition, self.kernel is not None)
        _run([*ask, "import"])
        for packages in site_packages(folder):
            _compile(own, packages)
        share(folder, self.others(definition.name))
        return dict(said)

    def _digest(self, definition: Definition, python: Path) -> str:
        parts = [EDITION, str(python), definition.path.read_text("utf-8"), *self._kernel_files()]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def _kernel_files(self) -> Iterator[str]:
        if self.kernel is None:
            return
        of_source = ("pyproject.toml", "src/*", "modelmount_kernel/*.py*")
        found = (
            [self.kernel]
            if self.kernel.is_file()
            else [path for pattern in of_source for path in self.kernel.glob(pattern)]
        )
        for path in sorted(found):
            yield hashlib.sha256(path.read_bytes()).hexdigest()

    def _is_there(self, name: str, digest: str) -> bool:
        folder = self.target / name
        try:
            record = json.loads((folder / RECORD).read_bytes())
        except (OSError, ValueError):
            return False
        return record.get("definition") == digest and (folder / "bin" / "python").exists()

    def _record(self, folder: Path, record: dict[str, object]) -> None:
        text = json.dumps(record, indent=2, sort_keys=True) + "\n"
        (folder / RECORD).write_text(text, "utf-8")

    def _put(self, folder: Path, name: str) -> None:
        place, former = self.target / name, self.target / f".{name}.old"
        shutil.rmtree(former, ignore_errors=True)
        if place.exists():
            place.rename(former)
        folder.rename(place)
        shutil.rmtree(former, ignore_errors=True)

    def _own_megabytes(self, name: str) -> float:
        others = self.others(name)
        return (bytes_on_disk([*others, self.target / name]) - bytes_on_disk(others)) / 1e6

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one build at a time write into the folder. The kernel frees it however that ends."""
        self.target.mkdir(parents=True, exist_ok=True)
        with (self.target / ".lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _check(packages: dict[str, str], definition: Definition, kernel: bool) -> None:
    """Hold what is installed against the definition: nothing else may be."""
    wanted = {_normalized(pin.partition("==")[0]) for pin in definition.pins}
    if strange := packages.keys() - wanted - ({"modelmount-kernel"} if kernel else set()):
        raise BuildError(f"{definition.name} holds what nobody named: {', '.join(strange)}")


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _compile(python: Path, packages: Path) -> None:
    """Compile byte code that is the same in each environment: without paths and times."""
    options = ("-q", "-s", packages, "-p", "", "--invalidation-mode", "unchecked-hash")
    done = subprocess.run(  # noqa: S603 (our own arguments)
        [python, "-I", "-m", "compileall", *options, "-j", "0", packages],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode > 1:  # 1: a file for another Python doesn't compile, and is never imported
        raise BuildError(f"byte code of {packages} can't be written: {done.stderr.strip()}")


def _run(command: Sequence[str | Path]) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(  # noqa: S603 (our own arguments)
        words,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "UV_NO_CONFIG": "1", "OMP_NUM_THREADS": "1"},
    )
    if done.returncode:
        text = (done.stderr or done.stdout).strip()
        raise BuildError(f"{' '.join(words[:3])} … ended with {done.returncode}:\n{text}")
    return done.stdout
