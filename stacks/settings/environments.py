"""The setting `environments`: which of the files in `environments/` are built into the image."""

from collections.abc import Sequence

from environment_builder.definition import NAME, read
from environment_builder.errors import DefinitionError
from stacks.settings.errors import SettingsError
from stacks.settings.rules import text

# The image itself has the newest. docs/environments.md counts what these cover, and their size.
DEFAULT_ENVIRONMENTS = tuple(f"sklearn-1.{minor}" for minor in range(1, 9))

ENVIRONMENT = text(NAME, "the name of a file in `environments/`, as `sklearn-1.5`")


def check_environments(names: Sequence[str]) -> None:
    """Checks that each environment is defined and locked.

    Raises:
        SettingsError: with the name, and what its file lacks.
    """
    for name in names:
        try:
            read(name)
        except DefinitionError as error:
            raise SettingsError(f"environments has {name!r}: {error}") from error
