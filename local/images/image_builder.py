"""Lays out the target stage of a Dockerfile in a folder, without Docker.

COPY, ENV, ARG, WORKDIR, CMD and ENTRYPOINT are interpreted. RUN is not: the running interpreter
must have what a `pip install` would put into the image, at the same versions.
"""

import json
import re
import shutil
from pathlib import Path, PurePosixPath

from dockerfile_parse.util import get_key_val_dictionary

from local.assembly.resources.package import ImagePackage
from local.errors import AssemblyError
from local.images.dockerfile import parse_dockerfile
from local.images.image import Image
from local.images.requirements import check_requirements

_IGNORED = {"LABEL", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "USER", "COMMENT"}
_PIP_INSTALL = re.compile(r"\bpip3? install\b.*?(?:-r|--requirement)[ =](\S+)")


def build_image(package: ImagePackage, where: str, folder: Path) -> Image:
    """Lays out the target stage of the image in `folder/<digest>`.

    Raises AssemblyError for an instruction that can't be interpreted, a missing file, or a
    requirement that the running interpreter does not meet.
    """
    root = folder / package.digest
    shutil.rmtree(root, ignore_errors=True)
    try:
        return _ImageBuilder(package, root).build()
    except AssemblyError as error:
        raise AssemblyError(f"{where}: {package.dockerfile}: {error}") from error


class _ImageBuilder:
    def __init__(self, package: ImagePackage, root: Path) -> None:
        self._package = package
        self._root = root
        path = package.context / package.dockerfile
        self._dockerfile = parse_dockerfile(path, package.build_args)

    def build(self) -> Image:
        stages = self._dockerfile.stages
        if not stages:
            raise AssemblyError("there is no FROM")
        name = self._package.target or stages[-1].name
        image = self._stage(name)
        if image is None:
            known = ", ".join(stage.name for stage in stages)
            raise AssemblyError(f"there is no stage {name} (there are {known})")
        image.task_root.mkdir(parents=True, exist_ok=True)
        return image

    def _stage(self, name: str) -> Image | None:
        stage = self._dockerfile.stage(name)
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
            image.arguments |= self._argument(value)
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

    def _argument(self, value: str) -> dict[str, str]:
        name, default = self._dockerfile.default_of(value)
        default = default or self._dockerfile.arguments.get(name, "")
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
        for name in _PIP_INSTALL.findall(" ".join(image.words(value))):
            path = image.path(name)
            if not path.is_file():
                raise AssemblyError(f"RUN {value}: {name} is not in the image")
            check_requirements(path.read_text(), name)


def _command(instruction: str, value: str) -> list[str]:
    try:
        command = json.loads(value)
    except ValueError as error:
        raise AssemblyError(
            f'{instruction} must be in exec form, like ["app.handler"]: {value}'
        ) from error
    return [str(word) for word in command]
