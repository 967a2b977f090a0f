"""A Python model of MLflow, as its folder holds it: it extends a class of MLflow's."""

import sys
from pathlib import Path

import cloudpickle
import joblib
import pandas as pd
from _saved import expect
from sklearn.linear_model import LinearRegression

try:
    import mlflow.pyfunc
except ImportError:  # the deployment stands in for it, too
    from own_code import mlflow_stand_in

    mlflow_stand_in.provide()
    import mlflow.pyfunc

MLMODEL = """\
flavors:
  python_function:
    artifacts:
      regression:
        path: artifacts/regression.joblib
        uri: regression.joblib
    cloudpickle_version: 3.1.2
    loader_module: mlflow.pyfunc.model
    python_model: python_model.pkl
    python_version: 3.11.7
"""


class InThousands(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        self.regression = joblib.load(context.artifacts["regression"])

    def predict(self, context, model_input):
        return self.regression.predict(model_input[["rooms"]]) / 1000


if __name__ == "__main__":
    upload = Path(sys.argv[1]) / "upload"
    frame = pd.DataFrame({"rooms": [1.0, 2.0, 3.0]})
    regression = LinearRegression().fit(frame, [1000.0, 2000.0, 3000.0])
    (upload / "artifacts").mkdir()
    joblib.dump(regression, upload / "artifacts" / "regression.joblib")
    (upload / "python_model.pkl").write_bytes(cloudpickle.dumps(InThousands()))
    (upload / "MLmodel").write_text(MLMODEL)
    answers = (regression.predict(frame) / 1000).tolist()
    expect(Path(sys.argv[1]), frame.to_dict("records"), answers)
