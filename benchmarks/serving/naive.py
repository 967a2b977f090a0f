"""The handler that everybody writes first; run by Lambda's runtime client to compare with ours."""

import json
import os
from typing import Any

import joblib
import numpy as np

model = joblib.load(os.environ["MODEL_FILE"])


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer an API Gateway proxy event with the model's own method."""
    request = json.loads(event["body"])
    method = getattr(model, request["parameters"]["method"])
    predictions = method(np.array(request["instances"])).tolist()
    return {"statusCode": 200, "body": json.dumps({"predictions": predictions})}
