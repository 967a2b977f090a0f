"""The command and environment of a variant's server, as SageMaker's contract with containers says.

The image's entry point gets the argument `serve`. The model is under /opt/ml/model. `GET /ping`
and `POST /invocations` are on the port SAGEMAKER_BIND_TO_PORT. Mounting needs root, so
SAGEMAKER_BASE_DIR names the folder that takes the place of /opt/ml.
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
from local.process_environment import environments, isolation_variables, replace_path
from local.state_folder import StateFolder

BASE = "/opt/ml"


class VariantUnavailable(Exception):
    """The variant can't answer; the text says why, and what to do."""


@dataclass(frozen=True)
class ContainerProgram:
    """A variant's server, ready to be started."""

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str]


class ContainerPrograms:
    """Finds the server of a variant.

    Args:
        server_command: replaces the entry point of every variant's image, if it is set.
    """

    def __init__(self, state: StateFolder, server_command: str | None) -> None:
        self._state = state
        self._server_command = server_command
        self._images: dict[str, Image] = {}

    def find(self, variant: Variant, base: Path) -> ContainerProgram:
        """Returns a variant's program, with `base` for /opt/ml. Raises VariantUnavailable."""
        environment = self._provided(base, is_multi_model=variant.is_multi_model)
        if self._server_command:
            command, folder = shlex.split(self._server_command), Path.cwd()
        else:
            image = self._image(variant)
            folders = {BASE: base, TASK_ROOT: image.task_root, **environments()}
            environment |= {k: replace_path(v, folders) for k, v in image.environment.items()}
            command, folder = [*image.entrypoint, "serve"], image.path(".")
        return ContainerProgram(_python(command), folder, {**environment, **variant.environment})

    def _provided(self, base: Path, *, is_multi_model: bool) -> dict[str, str]:
        return {
            "LANG": "en_US.UTF-8",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
            "HOME": str(base),
            "SAGEMAKER_BASE_DIR": str(base),
            # The settings of the project's own server; one process a variant is enough here.
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
        # Laid out once: a second time would delete the files under another variant's process.
        if digest not in self._images:
            try:
                self._images[digest] = build_image(variant.image, variant.where, self._state.images)
            except AssemblyError as error:
                raise VariantUnavailable(str(error)) from error
        return self._images[digest]


def _python(command: Sequence[str]) -> list[str]:
    """Replaces Python by the running interpreter, which has the image's packages."""
    first, *others = command
    return [sys.executable if first in ("python", "python3") else first, *others]
