"""A function's image without Docker: the Dockerfile's target stage, laid out in a folder.

COPY, ENV, ARG, WORKDIR and CMD are interpreted. RUN is not: what a `pip install` would have put
into the image must be in the running interpreter, at the same versions, which is checked.
"""

import io
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath

from dockerfile_parse import DockerfileParser
from dockerfile_parse.util import WordSplitter, get_key_val_dictionary
from packaging.requirements import InvalidRequirement, Requirement

from local.assembly.resources import ImagePackage
from local.errors import AssemblyError

TASK_ROOT = "/var/task"
# What Lambda's Python base images set, as far as a Dockerfile or a handler may lean on it.
BASE_ENVIRONMENT = {"LAMBDA_TASK_ROOT": TASK_ROOT, "LAMBDA_RUNTIME_DIR": "/var/runtime"}
_IGNORED = {"LABEL", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "USER", "COMMENT"}
_HASHES = re.compile(r"\s--hash=\S+")
_REQUIREMENTS = re.compile(r"\bpip3? install\b.*?(?:-r|--requirement)[ =](\S+)")


@dataclass
class Image:
    """The state of a stage as its instructions are read."""

    root: Path
    base: str
    environment: dict[str, str] = field(default_factory=lambda: dict(BASE_ENVIRONMENT))
    workdir: str = TASK_ROOT
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    arguments: dict[str, str] = field(default_factory=dict)

    @property
    def task_root(self) -> Path:
        """Where the function's code is on this machine."""
        return self.path(TASK_ROOT)

    def path(self, inside: str) -> Path:
        """A path of the image on this machine."""
        absolute = PurePosixPath(self.workdir) / inside
        if ".." in absolute.parts:
            raise AssemblyError(f"the path {inside} leaves the image")
        return self.root.joinpath(*absolute.parts[1:])

    def words(self, text: str) -> list[str]:
        """Shell words with the stage's variables put in."""
        return list(WordSplitter(text, args=self.arguments, envs=self.environment).split())


@dataclass(frozen=True)
class _Stage:
    name: str
    base: str
    instructions: list[tuple[str, str]]


def build(package: ImagePackage, where: str, folder: Path) -> Image:
    """Lay out the target stage of the image in `folder/<digest>`.

    Raises AssemblyError for an instruction that can't be interpreted, a missing file, or a
    requirement that the running interpreter does not meet.
    """
    root = folder / package.digest
    shutil.rmtree(root, ignore_errors=True)
    try:
        return _Build(package, root).run()
    except AssemblyError as error:
        raise AssemblyError(f"{where}: {package.dockerfile}: {error}") from error


class _Build:
    def __init__(self, package: ImagePackage, root: Path) -> None:
        self._package = package
        self._root = root
        path = package.context / package.dockerfile
        if not path.is_file():
            raise AssemblyError("the Dockerfile is not in the staged asset")
        # A file object, since the parser otherwise wants to write the file.
        parser = DockerfileParser(fileobj=io.BytesIO(path.read_bytes()))
        self._globals: dict[str, str] = {}
        self._stages = list(self._read_stages(parser.structure))

    def run(self) -> Image:
        if not self._stages:
            raise AssemblyError("there is no FROM")
        name = self._package.target or self._stages[-1].name
        image = self._stage(name)
        if image is None:
            known = ", ".join(stage.name for stage in self._stages)
            raise AssemblyError(f"there is no stage {name} (there are {known})")
        image.task_root.mkdir(parents=True, exist_ok=True)
        return image

    def _read_stages(self, structure: list[dict[str, str]]) -> Iterator[_Stage]:
        stage: _Stage | None = None
        for entry in structure:
            instruction, value = entry["instruction"], entry["value"]
            if instruction == "FROM":
                if stage:
                    yield stage
                words = list(WordSplitter(value, args=self._globals).split())
                words = [word for word in words if not word.startswith("--")]
                stage = _Stage(words[2] if len(words) > 2 else words[0], words[0], [])
            elif stage:
                stage.instructions.append((instruction, value))
            elif instruction == "ARG":
                self._globals |= self._argument(value, {})
        if stage:
            yield stage

    def _stage(self, name: str) -> Image | None:
        stage = next((s for s in self._stages if s.name == name), None)
        if stage is None:
            return None
        image = self._stage(stage.base) if stage.base != name else None
        image = image or Image(self._root, stage.base)
        image.arguments = {}
        for instruction, value in stage.instructions:
            self._apply(image, instruction, value)
        return image

    def _apply(self, image: Image, instruction: str, value: str) -> None:
        if instruction == "COPY":
            self._copy(image, value)
        elif instruction == "ENV":
            image.environment |= get_key_val_dictionary(
                value, env_replace=True, args=image.arguments, envs=image.environment
            )
        elif instruction == "ARG":
            image.arguments |= self._argument(value, self._globals)
        elif instruction == "WORKDIR":
            image.workdir = str(PurePosixPath(image.workdir) / image.words(value)[0])
        elif instruction == "CMD":
            image.command = _command("CMD", value)
        elif instruction == "ENTRYPOINT":
            image.entrypoint = _command("ENTRYPOINT", value)
        elif instruction == "RUN":
            self._check_run(image, value)
        elif instruction not in _IGNORED:
            raise AssemblyError(f"{instruction} can't be interpreted without Docker: {value}")

    def _argument(self, value: str, inherited: Mapping[str, str]) -> dict[str, str]:
        name, _, default = value.partition("=")
        default = WordSplitter(default, args=self._globals).dequote() or inherited.get(name, "")
        return {name: self._package.build_args.get(name, default)}

    def _copy(self, image: Image, value: str) -> None:
        words = image.words(value)
        if any(word.startswith("--from") for word in words):
            raise AssemblyError(f"COPY --from can't be interpreted without Docker: {value}")
        *sources, target = [word for word in words if not word.startswith("--")]
        destination = image.path(target)
        if len(sources) > 1 or target == ".":
            destination.mkdir(parents=True, exist_ok=True)
        for source in sources:
            self._copy_one(source, destination, into=target.endswith("/") or destination.is_dir())

    def _copy_one(self, source: str, destination: Path, *, into: bool) -> None:
        found = self._package.context / source
        if found.is_dir():
            shutil.copytree(found, destination, dirs_exist_ok=True)
        elif found.is_file():
            path = destination / found.name if into else destination
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(found, path)
        else:
            raise AssemblyError(f"COPY {source}: not in the staged asset (see .dockerignore)")

    def _check_run(self, image: Image, value: str) -> None:
        for name in _REQUIREMENTS.findall(" ".join(image.words(value))):
            path = image.path(name)
            if not path.is_file():
                raise AssemblyError(f"RUN {value}: {name} is not in the image")
            check_requirements(path.read_text(), name)


def check_requirements(text: str, name: str) -> None:
    """Hold a requirements file against the running interpreter's distributions."""
    wrong: list[str] = []
    for line in text.replace("\\\n", " ").splitlines():
        if wanted := _HASHES.sub("", line).partition("#")[0].strip():
            wrong.extend(_unmet(wanted, name))
    if wrong:
        raise AssemblyError(
            f"{name} is not what this interpreter has: {'; '.join(wrong)}. "
            "Install it into the environment that runs the local system"
        )


def _unmet(line: str, name: str) -> Iterator[str]:
    try:
        requirement = Requirement(line)
    except InvalidRequirement as error:
        raise AssemblyError(f"{name}: {line!r} can't be checked: {error}") from error
    if requirement.marker and not requirement.marker.evaluate():
        return
    try:
        installed = version(requirement.name)
    except PackageNotFoundError:
        yield f"{requirement} is missing"
        return
    if not requirement.specifier.contains(installed, prereleases=True):
        yield f"{requirement} is wanted, {installed} is installed"


def _command(instruction: str, value: str) -> list[str]:
    try:
        command = json.loads(value)
    except ValueError as error:
        raise AssemblyError(
            f'{instruction} must be in exec form, like ["app.handler"]: {value}'
        ) from error
    return [str(word) for word in command]
