"""The environment of the dispatcher."""

from dataclasses import dataclass

from serving.settings.environment import FromEnvironment, log_level, setting


def function(text: str) -> str:
    """Read the name of a function; raises `ValueError` with what is allowed."""
    if not text:
        raise ValueError("the name of a function")
    return text


@dataclass(frozen=True, slots=True)
class DispatchSettings(FromEnvironment):
    """Environment of `dispatcher.handler.handler`.

    Attributes:
        preparer: the function that prepares a candidate.
        publish: the function that acts on verdicts.
    """

    preparer: str = setting(function)
    publish: str = setting(function)
    log_level: str = setting(log_level)
