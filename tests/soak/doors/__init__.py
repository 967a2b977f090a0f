"""Ways to serve the models, by the names that the command line has for them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from tests.soak.callers import Door
from tests.soak.doors import container_door, lambda_door, local_door

DOORS: dict[str, Callable[[Path], AbstractContextManager[Door]]] = {
    "lambda": lambda_door.opened,
    "container": container_door.opened,
    "local": local_door.opened,
}
