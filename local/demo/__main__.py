"""Train, upload, wait, ask, compare: each step as a user would do it, with boto3 and HTTP."""

import argparse
import json
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import requests
from botocore.exceptions import BotoCoreError, ClientError
from requests import RequestException
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from local.demo.demo_models import DemoModel, train_all
from local.endpoints import Endpoints
from local.launcher import SystemFailed, running_system

ROOT = Path(__file__).resolve().parents[2]
ACTIVE_SECONDS = 120
REQUEST_SECONDS = 35
SHOWN_CHARACTERS = 160


class DemoFailed(Exception):
    """Something didn't come out as it should; the text says what."""


@dataclass(frozen=True)
class Asked:
    """One model's request, the system's answer, and how long each took in seconds."""

    model: DemoModel
    request: dict[str, Any]
    answer: dict[str, Any]
    compiled: str
    until_active: float
    until_answered: float

    @property
    def is_equal(self) -> bool:
        """Whether the system answered what the model itself says: the labels, and the numbers to
        one in a billion, within which a compiled form is equal.
        """
        return _same(self.answer["predictions"], self.model.expected)


def _same(answer: Any, expected: Any) -> bool:  # noqa: ANN401 (decoded JSON)
    if isinstance(answer, list) and isinstance(expected, list):
        both = zip(answer, expected, strict=True)
        return len(answer) == len(expected) and all(_same(a, b) for a, b in both)
    if isinstance(answer, float) and isinstance(expected, float):
        return math.isclose(answer, expected, rel_tol=1e-9)
    return type(answer) is type(expected) and bool(answer == expected)


def main() -> int:
    """Run the demo; exit status 0 only when every prediction equals the model's own."""
    parser = argparse.ArgumentParser(prog="python -m local.demo", description=__doc__)
    parser.add_argument("--assembly", type=Path, default=ROOT / "cdk.out")
    parser.add_argument("--state", type=Path, default=ROOT / ".local", help="folder for its state")
    parser.add_argument("--keep", action="store_true", help="leave the system up until Ctrl-C")
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 140)
    try:
        with running_system(options.assembly, options.state) as endpoints:
            console.print(f"The local system is up: API {endpoints.api}, S3 {endpoints.s3}")
            results = demonstrate(endpoints, console)
            show(results, console)
            if options.keep:
                stay(endpoints, results[0], console)
    except (DemoFailed, SystemFailed, BotoCoreError, ClientError, RequestException) as error:
        console.print("[bold red]The demo failed:[/]", Text(str(error)))
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 130
    return 0 if all(result.is_equal for result in results) else 1


def demonstrate(endpoints: Endpoints, console: Console) -> list[Asked]:
    """Bring every model from training to answer, showing progress."""
    results = []
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        for train in train_all():
            task = progress.add_task(f"{train.__name__}: training", total=1)
            model = train()
            progress.update(task, description=f"{model.key}: uploading, waiting until active")
            started = time.monotonic()
            version_id = upload(endpoints, model)
            compiled = wait_until_active(endpoints, model, version_id)
            active = time.monotonic() - started
            progress.update(task, description=f"{model.key}: asking")
            results.append(ask(endpoints, model, compiled, active))
            done = f"{model.key}: active after {active:.1f} s, answered"
            progress.update(task, description=done, completed=1)
    return results


def upload(endpoints: Endpoints, model: DemoModel) -> str:
    """Put the model's file into the bucket; return the object's version id."""
    s3 = boto3.client(
        "s3",
        endpoint_url=endpoints.s3,
        region_name=endpoints.region,
        aws_access_key_id=endpoints.access_key,
        aws_secret_access_key=endpoints.secret_key,
    )
    put = s3.put_object(Bucket=endpoints.bucket, Key=model.key, Body=model.content)
    return put["VersionId"]


def wait_until_active(endpoints: Endpoints, model: DemoModel, version_id: str) -> str:
    """Poll the model's status until this upload is current; return what compiling it came to.

    Raises:
        DemoFailed: it was rejected, or it took too long.
    """
    deadline = time.monotonic() + ACTIVE_SECONDS
    while time.monotonic() < deadline:
        answer = requests.get(
            f"{endpoints.api}/models/{quote(model.name)}", timeout=REQUEST_SECONDS
        )
        for version in answer.json().get("versions", ()) if answer.ok else ():
            if version.get("source", {}).get("version_id") != version_id:
                continue
            if version["state"] == "rejected":
                raise DemoFailed(f"{model.key} was rejected: {version['reason']}")
            if version["state"] == "current":
                return str(version.get("compilation", {}).get("summary", "served as uploaded"))
        time.sleep(0.2)
    raise DemoFailed(f"{model.key} was not active after {ACTIVE_SECONDS} s.")


def ask(endpoints: Endpoints, model: DemoModel, compiled: str, until_active: float) -> Asked:
    """Call `POST /inference`; raises `DemoFailed` with the answer when it isn't a 200."""
    request = {"model": model.name, "instances": model.instances}
    started = time.monotonic()
    answer = requests.post(f"{endpoints.api}/inference", json=request, timeout=REQUEST_SECONDS)
    seconds = time.monotonic() - started
    if answer.status_code != 200:
        raise DemoFailed(f"{model.key}: status {answer.status_code}, {answer.text}")
    return Asked(model, request, answer.json(), compiled, until_active, seconds)


def show(results: list[Asked], console: Console) -> None:
    """Print requests, answers and the models' own predictions side by side."""
    table = Table(title="POST /inference against the model's own predict", show_lines=True)
    for heading in ("Model", "Request", "Answer", "model.predict", "Equal", "Compiled"):
        table.add_column(heading, overflow="fold")
    for result in results:
        table.add_row(
            f"{result.model.key}\n{result.model.title}",
            _short(result.request["instances"]),
            _short(result.answer["predictions"]),
            _short(result.model.expected),
            "[green]yes[/]" if result.is_equal else "[bold red]NO[/]",
            Text(result.compiled),
        )
    console.print(table)
    equal = sum(result.is_equal for result in results)
    console.print(f"{equal} of {len(results)} models answered as their own predict.")


def _short(value: list[Any]) -> Text:
    text = json.dumps(value, ensure_ascii=False)
    return Text(text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]} …")


def stay(endpoints: Endpoints, example: Asked, console: Console) -> None:
    """Leave the system up until Ctrl-C."""
    body = json.dumps(example.request)
    console.print(f"\nTry it:\n  curl -d '{body}' {endpoints.api}/inference", soft_wrap=True)
    console.print(f"  curl {endpoints.api}/models\n\nCtrl-C stops the system.", soft_wrap=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    sys.exit(main())
