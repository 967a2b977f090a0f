"""Python models of MLflow: objects whose `predict` takes a context before the input."""

import inspect
import re
from pathlib import Path
from typing import Any

from own_code.code_folder import MLMODEL
from own_code.mlflow_stand_in import PythonModelContext

ARTIFACT = re.compile(r"^ {4,}(\w[\w.-]*): *\n +path: *(\S+)", re.M)
CONTEXT = "context"


class PythonModel:
    """Asks such an object, with the artifacts that lie beside it."""

    def __init__(self, inner: Any, context: Any) -> None:
        self._inner = inner
        self._context = context
        if callable(load := getattr(inner, "load_context", None)):
            load(context)

    def predict(self, data: Any) -> Any:
        """Hand over the context, where the object takes one."""
        takes = list(inspect.signature(self._inner.predict).parameters)
        first = (self._context,) if takes[:1] == [CONTEXT] else ()
        return self._inner.predict(*first, data)


def opened(loaded: Any, path: Path) -> Any:
    """Return what can be asked like an estimator; anything but a Python model as it is."""
    predict = getattr(loaded, "predict", None)
    is_python_model = any(base.__module__.startswith("mlflow.") for base in type(loaded).__mro__)
    if not callable(predict) or not is_python_model:
        return loaded
    mlmodel = path.parent / MLMODEL
    text = mlmodel.read_text("utf-8", errors="replace") if mlmodel.is_file() else ""
    artifacts = {name: str(path.parent / place) for name, place in ARTIFACT.findall(text)}
    return PythonModel(loaded, PythonModelContext(artifacts, {}))
