"""Many models behind one variant, from the API to our own container, on the local system."""

import io
import re
import tarfile
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import requests

from local.endpoints import Endpoints
from local.launcher import running_system
from tests.e2e.conftest import connect
from tests.stacks.deployment import synthesize

SCRIPT = """
import json

def model_fn(folder):
    return {name!r}

def transform_fn(model, body, content_type, accept):
    return json.dumps({{"model": model, "predictions": [sum(json.loads(body))]}}), accept
"""
SETTINGS = {
    "endpoints": {
        "many": {
            "variants": {
                # Room for one of the two models at a time.
                "tenants": {
                    "model_data": "s3://models/tenants/",
                    "multi_model": True,
                    "environment": {"MODELMOUNT_MEMORY_MB": "256"},
                }
            }
        },
        "one": {"variants": {"lone": {"model_data": "s3://models/lone.tar.gz"}}},
        "chat": {
            "variants": {
                "llama": {
                    "model_data": "s3://models/llama/",
                    "server": "vllm",
                    "instance_type": "ml.g5.xlarge",
                }
            }
        },
    }
}
NAMES = ("acme/churn", "globex/price list")
PADDING_BYTES = 40 * 1024 * 1024  # of 64 MiB that models may take


def archive(name: str) -> bytes:
    files = {
        "code/inference.py": SCRIPT.format(name=name).encode(),
        "padding": bytes(PADDING_BYTES),
    }
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as file:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
    return target.getvalue()


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    folder = tmp_path_factory.mktemp("many")
    synthesize(folder / "cdk.out", {"sagemaker": SETTINGS, "kms": "on"})
    with running_system(folder / "cdk.out", folder) as found:
        s3 = connect(found).s3
        for name in NAMES:
            s3.put_object(Bucket="models", Key=f"tenants/{name}.tar.gz", Body=archive(name))
        s3.put_object(Bucket="models", Key="llama/config.json", Body=b"{}")
        yield found


def ask(system: Endpoints, path: str, body: list[int]) -> requests.Response:
    return requests.post(f"{system.api}/api/v1{path}", json=body, timeout=60)


def test_each_is_asked_by_its_name_however_often_they_change_places(system: Endpoints) -> None:
    for name in (NAMES[0], NAMES[1], NAMES[0], NAMES[0]):
        answer = ask(system, f"/tenants?model={quote(name)}", [1, 2])
        assert answer.json() == {"invoked_variant": "tenants", "model": name, "predictions": [3]}
    # The first endpoint's variants are asked without a name, too.
    assert ask(system, f"?model={NAMES[0]}.tar.gz", [4]).json()["predictions"] == [4]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/tenants", 400, "BAD_MODEL"),
        ("/tenants?model=../lone", 400, "BAD_MODEL"),
        ("/tenants?model=acme/price", 404, "UNKNOWN_MODEL"),
        ("/lone?model=acme/churn", 400, "BAD_MODEL"),
    ],
)
def test_what_is_no_model_is_told(system: Endpoints, path: str, status: int, code: str) -> None:
    answer = ask(system, path, [1])

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_what_takes_a_gpu_is_told_with_its_image(system: Endpoints) -> None:
    answer = ask(system, "/llama", [1])

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "UNAVAILABLE")
    image = r"[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/vllm:server-sagemaker-cuda-v[0-9.]+"
    assert re.search(f"the image {image} can't be run", answer.json()["error"]["message"])
