"""The server that everybody writes first."""

import os

import joblib
import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()
model = joblib.load(os.environ["MODEL"])


class Body(BaseModel):
    """A request."""

    instances: list[list[float]]


@app.get("/ready")  # type: ignore[untyped-decorator]  # it isn't installed here
async def ready() -> dict[str, bool]:
    """Say that the model is loaded."""
    return {"ready": True}


@app.post("/predict")  # type: ignore[untyped-decorator]  # likewise
async def predict(body: Body) -> dict[str, list[int]]:
    """Answer."""
    return {"predictions": model.predict(np.asarray(body.instances)).tolist()}
