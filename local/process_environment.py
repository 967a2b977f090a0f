"""The parts of a child process's environment that functions and containers share."""

import os
from collections.abc import Mapping
from pathlib import Path

from local.state_folder import StateFolder

# Where the image has environments of other library versions, and the variable that says so.
ENVIRONMENTS = "/opt/environments"
ENVIRONMENTS_VARIABLE = "MODELMOUNT_ENVIRONMENTS"


def isolation_variables(state: StateFolder) -> dict[str, str]:
    """Returns variables that keep the developer's settings out, and byte code in the state."""
    return {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        # A staged asset is what `cdk deploy` would upload: nothing may be written into it.
        "PYTHONPYCACHEPREFIX": str(state.pycache),
    }


def environments(environ: Mapping[str, str] = os.environ) -> dict[str, Path]:
    """Returns the folder that takes the place of the image's environments: `make environments`."""
    return {ENVIRONMENTS: Path(environ.get(ENVIRONMENTS_VARIABLE) or ".environments").absolute()}


def replace_path(value: str, folders: Mapping[str, Path]) -> str:
    """Replaces a path inside the function or container by the local folder.

    Mounting needs root, so /mnt/… can't exist here. A variable that is such a path, or lies under
    it, names the local folder instead. A handler that spells the path out itself fails.
    """
    for inside, folder in folders.items():
        if value == inside or value.startswith(f"{inside}/"):
            return str(folder) + value[len(inside) :]
    return value
