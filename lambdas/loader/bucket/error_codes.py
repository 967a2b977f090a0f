"""Codes of S3's errors that say something about an object."""

GONE = ("404", "NoSuchKey", "NoSuchVersion", "405", "MethodNotAllowed")
CHANGED = ("412", "PreconditionFailed")
