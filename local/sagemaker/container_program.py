"""What is started for a variant: SageMaker's contract with a container, kept by a process.

The image's entry point gets the argument `serve`, the model is under /opt/ml/model, and `GET /ping`
and `POST /invocations` are on the port SAGEMAKER_BIND_TO_PORT. Mounting needs root, so
SAGEMAKER_BASE_DIR names the folder that stands for /opt/ml.
https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.assembly.resources.sagemaker_endpoint import Variant
from local.errors import AssemblyError
from local.images.image import TASK_ROOT, Image
from local.images.image_builder import build_image
from local.process_environment import isolation_variables, replace_path
from local.state_folder import StateFolder

BASE = "/opt/ml"


class VariantUnavailable(Exception):
    """The variant can't answer: the text says why, and what to do."""


@dataclass(frozen=True)
class ContainerProgram:
    """What is started for a variant."""

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]


class ContainerPrograms:
    """Finds what runs a variant: what `stand_in` says for all, or its own image's entry point."""

    def __init__(self, state: StateFolder, stand_in: str | None) -> None:
        self._state = state
        self._stand_in = stand_in
        self._images: dict[str, Image] = {}

    def of(self, variant: Variant, base: Path) -> ContainerProgram:
        """Return a variant's program, with `base` for /opt/ml. Raises VariantUnavailable."""
        environment = self._provided(base, is_multi_model=variant.is_multi_model)
        if self._stand_in:
            command, folder = shlex.split(self._stand_in), Path.cwd()
        else:
            image = self._image(variant)
            folders = {BASE: base, TASK_ROOT: image.task_root}
            environment |= {k: replace_path(v, folders) for k, v in image.environment.items()}
            command, folder = [*image.entrypoint, "serve"], image.path(".")
        return ContainerProgram(_python(command), folder, {**environment, **variant.environment})

    def _provided(self, base: Path, *, is_multi_model: bool) -> dict[str, str]:
        return {
            "LANG": "en_US.UTF-8",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
            "HOME": str(base),
            "SAGEMAKER_BASE_DIR": str(base),
            # What our own server reads; one process a variant is enough here.
            "MODELMOUNT_MODEL_DIR": str(base / "model"),
            "MODELMOUNT_SCRATCH_DIR": str(base / "scratch"),
            "MODELMOUNT_HOST": "127.0.0.1",
            "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
            "SAGEMAKER_MULTI_MODEL": str(is_multi_model).lower(),
            **isolation_variables(self._state),
        }

    def _image(self, variant: Variant) -> Image:
        if isinstance(variant.image, str):
            raise VariantUnavailable(
                f"{variant.where}: the image {variant.image} can't be run without Docker. Say with "
                "--sagemaker-server which command stands in for it."
            )
        digest = variant.image.digest
        # Laid out once: doing it again would take the files from under another variant's process.
        if digest not in self._images:
            try:
                self._images[digest] = build_image(variant.image, variant.where, self._state.images)
            except AssemblyError as error:
                raise VariantUnavailable(str(error)) from error
        return self._images[digest]


def _python(command: Sequence[str]) -> list[str]:
    """Run Python with the interpreter that has the image's packages: this one."""
    first, *others = command
    return [sys.executable if first in ("python", "python3") else first, *others]
