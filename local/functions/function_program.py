"""Prepares a function's package, folders and environment variables for its processes."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.assembly.account import ACCESS_KEY, SECRET_KEY
from local.assembly.resources.lambda_function import Function, Mount
from local.assembly.resources.package import ImagePackage
from local.errors import AssemblyError
from local.images.image import BASE_ENVIRONMENT, TASK_ROOT, Image
from local.images.image_builder import build_image
from local.process_environment import environments, isolation_variables, replace_path
from local.state_folder import StateFolder

# The services that functions call here, as policies name them, and botocore's names for them.
# Lambda itself delivers to destinations, so queues are not among these.
CALLED_SERVICES = {"s3": "S3", "sns": "SNS", "sagemaker": "SAGEMAKER_RUNTIME", "lambda": "LAMBDA"}
# The only one that can be reached from the network of functions.
REACHED_FROM_NETWORK = ("s3",)


@dataclass(frozen=True)
class ServiceUrls:
    """The URLs of the services that functions call."""

    s3: str
    sns: str
    sagemaker: str = ""
    invoke: str = ""

    def of(self, service: str) -> str:
        """Returns the URL of a service by its name in policies."""
        return {
            "s3": self.s3,
            "sns": self.sns,
            "sagemaker": self.sagemaker,
            "lambda": self.invoke,
        }[service]


@dataclass(frozen=True)
class FunctionProgram:
    """A function that is ready to be started."""

    function: Function
    handler: str
    task_root: Path
    environment: Mapping[str, str]


def prepare_function(
    function: Function, state: StateFolder, region: str, urls: ServiceUrls
) -> FunctionProgram:
    """Lays out a function's package and folders, and builds its environment."""
    task_root, image = _unpack(function, state)
    handler = function.handler or (image.command[0] if image and image.command else None)
    if handler is None:
        raise AssemblyError(f"{function.where}: neither the template nor the image has a handler")
    mounted = {m.path: create_mount(m, state) for m in function.mounts}
    folders = {TASK_ROOT: task_root, **environments(), **mounted}
    declared = {**(image.environment if image else BASE_ENVIRONMENT), **function.environment}
    environment = {
        **_provided(function, image, handler, region),
        **{key: replace_path(value, folders) for key, value in declared.items()},
        **_credentials(function, urls),
        **isolation_variables(state),
    }
    return FunctionProgram(function, handler, task_root, environment)


def create_mount(mount: Mount, state: StateFolder) -> Path:
    """Creates the access point's folder with its permissions, as EFS does at the first mount.

    EFS mounts no folder that is missing and that the access point doesn't make.
    """
    folder = state.efs / mount.file_system / mount.root.lstrip("/")
    if mount.permissions is not None and not folder.is_dir():
        folder.mkdir(parents=True)
        folder.chmod(mount.permissions)
    return folder


def _unpack(function: Function, state: StateFolder) -> tuple[Path, Image | None]:
    if isinstance(function.package, ImagePackage):
        image = build_image(function.package, function.where, state.images)
        return image.task_root, image
    return function.package.folder, None


def _provided(function: Function, image: Image | None, handler: str, region: str) -> dict[str, str]:
    """Returns the variables that Lambda sets itself."""
    provided = {
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime or _image_runtime(image)}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": function.log_format,
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_REGION": region,
        "LANG": "en_US.UTF-8",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "TZ": ":UTC",
        "_HANDLER": handler,
    }
    if function.log_level:
        provided["AWS_LAMBDA_LOG_LEVEL"] = function.log_level
    return provided


def _image_runtime(image: Image | None) -> str:
    """Returns `python3.13`, as the base image's tag says, or else the version that really runs."""
    match = re.search(r"python:(\d+\.\d+)", image.base if image else "")
    return "python" + (match[1] if match else f"{sys.version_info[0]}.{sys.version_info[1]}")


def _credentials(function: Function, urls: ServiceUrls) -> dict[str, str]:
    """Returns credentials, but none if the role allows no call: boto3 fails then, as on AWS."""
    reached = REACHED_FROM_NETWORK if function.in_network else CALLED_SERVICES
    used = [service for service in reached if function.uses(service)]
    if not used:
        return {}
    return {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        **{f"AWS_ENDPOINT_URL_{CALLED_SERVICES[service]}": urls.of(service) for service in used},
    }
