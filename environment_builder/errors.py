"""What keeps an environment from being built. Each text says what to do."""


class BuildError(Exception):
    """An environment can't be built."""


class DefinitionError(BuildError):
    """A file in `environments/` is missing or isn't one."""


class NoPython(BuildError):
    """This machine has none of the Pythons that an environment is for."""
