"""A compiled model to ask from Python, and to keep in a file."""

from os import PathLike
from pathlib import Path
from typing import Any

from modelmount_compiler.frameworks.program_model import ProgramModel
from modelmount_compiler.instances import tabular
from modelmount_compiler.program import Program as Operations
from modelmount_compiler.program import file
from modelmount_compiler.signature import Method, Signature


class Program:
    """A compiled model: answers with NumPy alone as its original does.

    Each method takes an array, a list of lists, of records or of strings, or a data frame whose
    columns are found by name. It returns an array, or a list of arrays for several outputs.
    Numbers are computed in double precision, whatever the type of the array.

    Attributes:
        signature: what the program takes and gives.

    Raises:
        InputMismatch: by each method, where the program doesn't offer it or `X` doesn't fit.
    """

    def __init__(self, operations: Operations, signature: Signature) -> None:
        self.signature = signature
        self._operations = operations
        self._model = ProgramModel(operations, signature)

    def __repr__(self) -> str:
        about, offered = self.signature, ", ".join(self.methods)
        width = "" if about.n_features is None else f" of {about.n_features} columns"
        return f"<Program: {offered} of a {about.input}{width}>"

    @property
    def methods(self) -> tuple[Method, ...]:
        """The methods that can be asked."""
        return self.signature.methods

    def predict(self, X: Any) -> Any:  # noqa: N803 (scikit-learn's X)
        """Return labels or numbers, as the original's `predict` does."""
        return self._answer("predict", X)

    def predict_proba(self, X: Any) -> Any:  # noqa: N803 (as above)
        """Return probabilities, with columns in the order of `signature.classes`."""
        return self._answer("predict_proba", X)

    def decision_function(self, X: Any) -> Any:  # noqa: N803 (as above)
        """Return scores."""
        return self._answer("decision_function", X)

    def transform(self, X: Any) -> Any:  # noqa: N803 (as above)
        """Return the transformed rows; a sparse original's come as an ordinary array."""
        return self._answer("transform", X)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the program and its signature into one file; see `program.file` for its format."""
        file.write(Path(path), self._operations, self.signature)

    def _answer(self, method: Method, X: Any) -> Any:  # noqa: N803 (as above)
        answer = self._model.answer(tabular.batch(X, self.signature), method)
        return answer.toarray() if hasattr(answer, "toarray") else answer


def load(path: str | PathLike[str], *, signature: Signature | None = None) -> Program:
    """Read a program from its file.

    Args:
        signature: of a file that has none of its own. The preparer writes such files, and keeps the
            signature in the manifest.

    Raises:
        ValueError: the file is no compiled model, is of a newer format, or has no signature.
    """
    operations, found = file.read_with_signature(Path(path))
    found = found or signature
    if found is None:
        raise ValueError(f"{path} has no signature of its own: pass it with signature=…")
    return Program(operations, found)
