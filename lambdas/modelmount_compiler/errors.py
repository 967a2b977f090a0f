"""Errors that the reader of their text can act on."""

from modelmount_compiler.error_texts import without_traces

OWN_CODE = (
    "Classes of other libraries, and classes, functions and lambdas of your own aren't installed "
    "here: do that step before the request, or with the libraries' own classes (scikit-learn's "
    "FunctionTransformer takes numpy's functions)."
)


class InputMismatch(Exception):
    """The instances don't fit the model's signature.

    Attributes:
        field: the JSON path of the value at fault, where there is one.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class ModelRejected(Exception):
    """The model can't be loaded or asked: a stable symbolic `code`, and a text for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(without_traces(message))
        self.code = code
