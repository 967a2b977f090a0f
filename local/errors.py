"""Errors that stop the local system; their messages say what to do.

LocalError
├── AssemblyError    the synthesized assembly is wrong, or needs what this system lacks
├── PortTaken        an explicitly chosen port is in use
└── AlreadyRunning   another run holds the state folder
"""


class LocalError(Exception):
    """Base of all errors, which are shown as one line without a traceback."""


class AssemblyError(LocalError):
    """The assembly can't be run; the message names the stack and the resource."""


class PortTaken(LocalError):
    """A port that was asked for is in use."""


class AlreadyRunning(LocalError):
    """Another run holds the state folder."""
