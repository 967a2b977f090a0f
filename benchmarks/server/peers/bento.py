"""The same as a service of BentoML."""

import os

import bentoml
import joblib
import numpy as np


@bentoml.service(workers=1)
class Model:
    """One model."""

    def __init__(self) -> None:
        self.model = joblib.load(os.environ["MODEL"])

    @bentoml.api  # type: ignore[untyped-decorator]  # it isn't installed here
    def predict(self, instances: list[list[float]]) -> dict[str, list[int]]:
        """Answer."""
        return {"predictions": self.model.predict(np.asarray(instances)).tolist()}
