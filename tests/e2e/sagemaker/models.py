"""The endpoints that the tests ask, and the models behind them, packed as the docs say."""

from collections.abc import Callable
from pathlib import Path

import joblib

from modelmount.__main__ import main
from tests.lambdas.container.folders import scripted
from tests.lambdas.deployment import classifier

# Sums a list of numbers, and tells how long anything else is. By its variables: counts what it is
# asked, waits for a file before it answers {"wait": n}, or fails.
SCRIPT = """
import json, os, pathlib, time

def model_fn(model_dir):
    return os.environ

def transform_fn(model, body, content_type, accept):
    if "COUNT_FILE" in model:
        with open(model["COUNT_FILE"], "ab") as file:
            file.write(body + b"\\n")
    if "FAILS" in model:
        raise RuntimeError("the model says no")
    if content_type != "application/json":
        return json.dumps({"bytes": len(body)})
    asked = json.loads(body)
    if isinstance(asked, list):
        return json.dumps({"predictions": [sum(asked)]})
    while not pathlib.Path(model["GATE_FILE"]).exists():
        time.sleep(0.02)
    return json.dumps({"predictions": [asked["wait"]]})
"""
FAILS = {"FAILS": "yes"}


def endpoints(folder: Path) -> dict[str, object]:
    """Return the setting `sagemaker`; files of the tests lie in `folder`."""

    def variant(model: str, **environment: str) -> dict[str, object]:
        place = {"model_data": f"s3://models/{model}"}
        return {**place, "environment": environment} if environment else {**place}

    def counting(name: str) -> dict[str, str]:
        return {"COUNT_FILE": str(folder / name)}

    resnet = {**variant("resnet.tar.gz"), "weight": 0.7}
    vggnet = {**variant("vggnet/1/"), "weight": 0.3}
    slow = variant("script.tar.gz", GATE_FILE=str(folder / "gate"))
    gpt = {"MODELMOUNT_THREADS": "1"}
    return {
        "endpoints": {
            "ab": {"variants": {"resnet": resnet, "vggnet": vggnet}},
            "trial": {
                "variants": {"old": variant("script.tar.gz", **counting("old"))},
                "shadow": {"name": "new", **variant("script.tar.gz", **counting("new"), **FAILS)},
            },
            "writer": {"variants": {"gpt": variant("gpt.tar.gz", **gpt)}},
            "novels": {"variants": {"novelist": variant("gpt.tar.gz", **gpt)}, "async": {}},
            "jobs": {"variants": {"slow": slow}, "async": {"max_concurrent": 4}},
            "broken": {"variants": {"bad": variant("script.tar.gz", **FAILS)}, "async": {}},
            "absent": {
                "variants": {
                    "none": variant("nothing.tar.gz"),
                    "failing": variant("script.tar.gz", **FAILS),
                    "unusable": variant("unusable/"),
                }
            },
        }
    }


def make(folder: Path, save_gpt: Callable[[Path], Path]) -> dict[str, Path]:
    """Write the models; return each one's file by its key in the bucket."""
    (folder / "vggnet").mkdir()
    joblib.dump(classifier(), folder / "resnet.joblib")
    joblib.dump(classifier(10), folder / "vggnet" / "model.joblib")
    (folder / "unusable.md").touch()
    return {
        "resnet.tar.gz": packed(folder / "resnet.joblib"),
        "vggnet/1/model.joblib": folder / "vggnet" / "model.joblib",
        "script.tar.gz": packed(scripted(folder / "script", SCRIPT)),
        "gpt.tar.gz": packed(save_gpt(folder / "gpt")),
        "unusable/notes.md": folder / "unusable.md",
    }


def packed(source: Path) -> Path:
    target = source.with_name(f"{source.stem}.tar.gz")
    assert main(["package", str(source), "--output", str(target)]) == 0
    return target
