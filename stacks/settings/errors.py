"""Errors of settings: each names the key, its value and what is allowed."""


class SettingsError(ValueError):
    """A context key or value that the app does not accept."""


class PartError(ValueError):
    """A part of a value that is not allowed.

    Args:
        where: the path of the part below the setting, such as `.fraud.memory_mb`.
        value: the value that was given there.
        allowed: a description of the allowed values.
    """

    def __init__(self, where: str, value: object, allowed: str) -> None:
        super().__init__(f"{where} is {value!r}; allowed: {allowed}.")
