"""The life of a deployment: bootstrap, deploy, upload, answer, update, rollback, destroy."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.assembly import edit
from tests.deploy.ministack import ACCOUNT, REGION, CdkFailed, MiniStack
from tests.deploy.relay import Relay
from tests.image.emulator import Stopwatch
from tests.lambdas.deployment import classifier, dumped

STORAGE, INFERENCE = "Modelmount-dev-Storage", "Modelmount-dev-Inference"
ARRIVE_SECONDS = 90


class Deployed:
    """The deployment as its user and its operator see it."""

    def __init__(
        self, ministack: MiniStack, assembly: Path, measured: Callable[[str], None]
    ) -> None:
        self.ministack = ministack
        self._assembly = assembly
        self._measured = measured

    def cdk(self, title: str, *arguments: str) -> None:
        with Stopwatch() as watch:
            self.ministack.cdk(*arguments, "--app", str(self._assembly))
        self._measured(f"{title}: {watch.seconds:.1f} s")

    def deploy(self, title: str) -> None:
        self.cdk(title, "deploy", "--all", "--require-approval", "never")

    def output(self, stack: str, key: str) -> str:
        (found,) = self.ministack.client("cloudformation").describe_stacks(StackName=stack)[
            "Stacks"
        ]
        return str({o["OutputKey"]: o["OutputValue"] for o in found["Outputs"]}[key])

    def status(self, stack: str) -> str:
        (found,) = self.ministack.client("cloudformation").describe_stacks(StackName=stack)[
            "Stacks"
        ]
        return str(found["StackStatus"])

    def upload(self, key: str, data: bytes) -> None:
        bucket = self.output(STORAGE, "BucketName")
        self.ministack.client("s3").put_object(Bucket=bucket, Key=key, Body=data)

    def ask(self, path: str, body: Any = None) -> tuple[int, Any]:
        """Call the API where MiniStack has it: its host name goes into a header."""
        url = self.output(INFERENCE, "ApiUrl")
        api, stage = url.split("/")[2].partition(".")[0], url.rstrip("/").rpartition("/")[2]
        request = urllib.request.Request(
            f"{self.ministack.url}/restapis/{api}/{stage}/_user_request_{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def predictions(self, model: str) -> Any:
        """Wait until a model answers; return what."""
        body = {"model": model, "instances": [[0.0, 0.0], [1.0, 1.0]]}
        deadline = time.monotonic() + ARRIVE_SECONDS
        while time.monotonic() < deadline:
            status, answer = self.ask("/inference", body)
            if status == 200:
                return answer["predictions"]
            time.sleep(0.2)
        raise TimeoutError(f"{model} does not answer: {status} {answer}")

    def memory(self) -> int:
        functions = self.ministack.client("lambda").list_functions()["Functions"]
        (found,) = (f for f in functions if f["FunctionName"].startswith(INFERENCE))
        return int(found["MemorySize"])


@pytest.fixture
def deployed(ministack: MiniStack, assembly: Path, measured: Callable[[str], None]) -> Deployed:
    return Deployed(ministack, assembly, measured)


def test_a_deployment_lives_from_bootstrap_to_destroy(
    deployed: Deployed, assembly: Path, relay: tuple[Relay, str], measured: Callable[[str], None]
) -> None:
    deployed.cdk("bootstrap", "bootstrap", f"aws://{ACCOUNT}/{REGION}")
    deployed.deploy("deploy of both stacks")
    with Stopwatch() as upload:
        deployed.upload("first.joblib", dumped(classifier()))
    with Stopwatch() as arrival:
        assert deployed.predictions("first") == [0, 1], relay[0].results
    with Stopwatch() as answer:
        assert deployed.predictions("first") == [0, 1]
    measured(
        f"upload: {upload.seconds:.2f} s; from there to its first answer, all functions' starts "
        f"included: {arrival.seconds:.1f} s; the next answer: {answer.seconds:.2f} s"
    )
    _update(deployed, assembly)
    deployed.upload("second.joblib", dumped(classifier(shift=5)))
    assert deployed.predictions("second") == [5, 6], relay[0].results
    _failing_update(deployed, assembly, measured)
    assert deployed.predictions("first") == [0, 1], relay[0].results
    deployed.cdk("destroy", "destroy", "--all", "--force")
    with pytest.raises(Exception, match="does not exist"):
        deployed.status(INFERENCE)


def _update(deployed: Deployed, assembly: Path) -> None:
    edit(assembly, INFERENCE, lambda resources: _set_memory(resources, 2048))
    deployed.deploy("update of a function's memory")
    assert deployed.status(INFERENCE) == "UPDATE_COMPLETE"
    assert deployed.memory() == 2048


def _failing_update(deployed: Deployed, assembly: Path, measured: Callable[[str], None]) -> None:
    """An update that fails in one resource takes back what it did to the others."""

    def change(resources: dict[str, Any]) -> None:
        function = _set_memory(resources, 1024)
        resources["Broken"] = {
            "Type": "AWS::Lambda::EventInvokeConfig",
            "Properties": {"FunctionName": "no-such-function", "Qualifier": "$LATEST"},
            "DependsOn": function,
        }

    edit(assembly, INFERENCE, change)
    with Stopwatch() as watch, pytest.raises(CdkFailed, match="no-such-function"):
        deployed.deploy("failing update")
    measured(f"failing update, rolled back: {watch.seconds:.1f} s")
    assert deployed.status(INFERENCE) == "UPDATE_ROLLBACK_COMPLETE"
    assert deployed.memory() == 2048


def _set_memory(resources: dict[str, Any], memory_mb: int) -> str:
    """Change the stack's one function; return its logical id."""
    (name,) = (n for n, r in resources.items() if r["Type"] == "AWS::Lambda::Function")
    resources[name]["Properties"]["MemorySize"] = memory_mb
    return name
