"""The expected errors, by what the reader can do about them.

::

    ModelmountError
    ├── RequestError                 the caller can mend it
    │   ├── BadRequest               malformed: not JSON, a field missing or of another type
    │   ├── SignatureMismatch        well-formed, but not what this model takes
    │   ├── RouteNotFound
    │   ├── MethodNotAllowed
    │   ├── ModelNotFound
    │   ├── VersionNotFound
    │   ├── AnswerTooLarge           the predictions don't fit into one answer
    │   ├── RequestTooLarge          the body is too large once it is unpacked
    │   ├── UnsupportedMediaType     the body is of a type that can't be read
    │   ├── UnsupportedCoding        the body is packed in a way that can't be unpacked
    │   └── NotAcceptable            the answer can't be written in a type that is accepted
    ├── ModelUnavailable             later, or after another upload
    │   ├── OverBudget               its memory isn't free
    │   ├── ModelCrashed             its worker process ended while it was asked
    │   ├── ModelTimedOut            it didn't answer in time
    │   ├── ModelOutOfMemory         it took more memory than a worker may take
    │   └── ModelPutAside            it failed so again and again, and rests
    ├── UploadRejected               this object never becomes a version
    ├── TransferError                a fault on the way from S3: another try may do better
    ├── OperationRefused             an operator asked for what can't be done
    ├── RecordError                  a record on disk or in a message isn't what it should be
    └── SettingsError                the deployment is misconfigured

Each carries a symbolic code. `serving.api.application` maps the codes to HTTP statuses.
"""

from typing import ClassVar


class ModelmountError(Exception):
    """An expected failure. `code` is stable and symbolic; the text says what to do."""

    code: ClassVar[str] = "INTERNAL_ERROR"


class RequestError(ModelmountError):
    """The caller can mend it. `field` is the JSON path of the faulty value, where there is one."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class BadRequest(RequestError):
    """The request is malformed, whatever the model."""

    code = "BAD_REQUEST"


class SignatureMismatch(RequestError):
    """The request is well-formed, but this model doesn't take it."""

    code = "SIGNATURE_MISMATCH"


class RouteNotFound(RequestError):
    """No route has this path."""

    code = "ROUTE_NOT_FOUND"


class MethodNotAllowed(RequestError):
    """The path exists, but not with this method."""

    code = "METHOD_NOT_ALLOWED"

    def __init__(self, message: str, *, allowed: tuple[str, ...]) -> None:
        super().__init__(message)
        self.allowed = allowed


class ModelNotFound(RequestError):
    """No version of a model by this name serves."""

    code = "MODEL_NOT_FOUND"


class VersionNotFound(RequestError):
    """The model exists, but not in this version."""

    code = "VERSION_NOT_FOUND"


class AnswerTooLarge(RequestError):
    """The answer is larger than the platform can carry."""

    code = "ANSWER_TOO_LARGE"


class RequestTooLarge(RequestError):
    """The body is larger than is allowed, once it is unpacked."""

    code = "REQUEST_TOO_LARGE"


class UnsupportedMediaType(RequestError):
    """The body's Content-Type can't be read."""

    code = "UNSUPPORTED_MEDIA_TYPE"


class UnsupportedCoding(RequestError):
    """The body's Content-Encoding can't be unpacked."""

    code = "UNSUPPORTED_CODING"


class NotAcceptable(RequestError):
    """No type in Accept can be written."""

    code = "NOT_ACCEPTABLE"


class ModelUnavailable(ModelmountError):
    """The model exists but can't answer now: being prepared, failing to load, or over budget."""

    code = "MODEL_UNAVAILABLE"
    retry_seconds = 5  # when to come back


class OverBudget(ModelUnavailable):
    """There is no memory for the model, or none just now."""


class ModelCrashed(ModelUnavailable):
    """The model's worker process ended while it was loaded or asked."""

    code = "MODEL_CRASHED"


class ModelTimedOut(ModelUnavailable):
    """The model didn't answer in time, and its worker was ended."""

    code = "MODEL_TIMED_OUT"


class ModelOutOfMemory(ModelUnavailable):
    """Loading or asking the model took more memory than its worker may take."""

    code = "MODEL_OUT_OF_MEMORY"


class ModelPutAside(ModelUnavailable):
    """The model failed again and again. `retry_seconds` is the time until it is tried again."""

    code = "MODEL_PUT_ASIDE"

    def __init__(self, message: str, *, retry_seconds: int) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


class UploadRejected(ModelmountError):
    """This object never becomes a version. `code` tells why; the text is shown to the uploader.

    Attributes:
        file: the text of a file that would mend it, to be shown as it is.
        needs_code: whether it is for want of code of the uploader's own.
    """

    def __init__(
        self, code: str, message: str, *, file: str = "", needs_code: bool = False
    ) -> None:
        super().__init__(message)
        self.rejection_code = code
        self.file = file
        self.needs_code = needs_code


class TransferError(ModelmountError):
    """A fault on the way from S3 and not in the object: another try may do better."""

    code = "TRANSFER_FAILED"


class OperationRefused(ModelmountError):
    """An operator asked for what can't be done; the text says why."""

    code = "OPERATION_REFUSED"


class RecordError(ModelmountError):
    """A record on disk or in a message isn't of the shape its type says."""

    code = "MALFORMED_RECORD"


class SettingsError(ModelmountError):
    """An environment variable is missing, unknown or out of range."""

    code = "BAD_SETTINGS"
