"""Parses a Dockerfile into its stages."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dockerfile_parse import DockerfileParser
from dockerfile_parse.util import WordSplitter

from local.errors import AssemblyError


@dataclass(frozen=True)
class Stage:
    """A stage: from its FROM to the next one.

    Attributes:
        base: an image, or the name of an earlier stage.
        instructions: pairs of instruction and value.
    """

    name: str
    base: str
    instructions: list[tuple[str, str]]


@dataclass
class Dockerfile:
    """A parsed Dockerfile.

    Attributes:
        arguments: the values of each ARG before the first FROM.
    """

    stages: list[Stage] = field(default_factory=list)
    arguments: dict[str, str] = field(default_factory=dict)

    def stage(self, name: str) -> Stage | None:
        """Returns the stage of this name, if there is one."""
        return next((s for s in self.stages if s.name == name), None)

    def default_of(self, argument: str) -> tuple[str, str]:
        """Splits the value of an ARG into name and default."""
        name, _, default = argument.partition("=")
        return name, WordSplitter(default, args=self.arguments).dequote()


def parse_dockerfile(path: Path, build_args: Mapping[str, str]) -> Dockerfile:
    """Parses a Dockerfile. Raises AssemblyError if the file is missing."""
    if not path.is_file():
        raise AssemblyError("the Dockerfile is not in the staged asset")
    # A file object, since the parser otherwise wants to write the file.
    parser = DockerfileParser(fileobj=io.BytesIO(path.read_bytes()))
    dockerfile = Dockerfile()
    for entry in parser.structure:
        instruction, value = entry["instruction"], entry["value"]
        if instruction == "FROM":
            dockerfile.stages.append(_stage(value, dockerfile.arguments))
        elif dockerfile.stages:
            dockerfile.stages[-1].instructions.append((instruction, value))
        elif instruction == "ARG":
            name, default = dockerfile.default_of(value)
            dockerfile.arguments[name] = build_args.get(name, default)
    return dockerfile


def _stage(value: str, arguments: Mapping[str, str]) -> Stage:
    words = WordSplitter(value, args=arguments).split()
    words = [word for word in words if not word.startswith("--")]
    return Stage(words[2] if len(words) > 2 else words[0], words[0], [])
