"""Trains models, uploads them, asks them, and compares the answers with the models' own."""

import argparse
import json
import sys
import time
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from requests import RequestException
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from local.demo.demo_models import train_all
from local.demo.model_run import DemoFailed, ModelRun, ask, upload, wait_until_active
from local.demo.report import show
from local.endpoints import Endpoints
from local.launcher import SystemFailed, running_system

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Runs the demo. The exit status is 0 only if every prediction equals the model's own."""
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


def demonstrate(endpoints: Endpoints, console: Console) -> list[ModelRun]:
    """Trains, uploads and asks every model, and shows progress."""
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


def stay(endpoints: Endpoints, example: ModelRun, console: Console) -> None:
    """Leaves the system up until Ctrl-C."""
    body = json.dumps(example.request)
    console.print(f"\nTry it:\n  curl -d '{body}' {endpoints.api}/inference", soft_wrap=True)
    console.print(f"  curl {endpoints.api}/models\n\nCtrl-C stops the system.", soft_wrap=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    sys.exit(main())
