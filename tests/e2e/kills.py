"""Kills the local system at random moments of uploads, restarts it, and looks for losses.

python -m tests.e2e.kills ROUNDS ASSEMBLY FOLDER [SEED]

Each round uploads models until the system is killed outright. After a restart and `reconcile`,
every acknowledged upload must be there and answer. Reconcile has to withdraw nothing.
"""

import io
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import joblib
import requests
from botocore.exceptions import BotoCoreError, ClientError
from sklearn.dummy import DummyClassifier

from local.endpoints import Endpoints
from tests.e2e.client import Client
from tests.e2e.conftest import connect
from tests.local.sample_run import ROOT, Run, start

LATEST_KILL_SECONDS = 6.0
# The longest time between the arrivals of two models.
SETTLE_SECONDS = 600


def model(constant: int) -> bytes:
    """Return a model that answers `constant` to everything."""
    classifier = DummyClassifier(strategy="constant", constant=constant)
    file = io.BytesIO()
    joblib.dump(classifier.fit([[0.0], [1.0]], [constant, constant + 1]), file)
    return file.getvalue()


class Campaign:
    """Rounds on one state folder, and the uploads that were acknowledged so far."""

    def __init__(self, assembly: Path, folder: Path, seed: int) -> None:
        self._assembly = assembly
        self._folder = folder
        self._random = random.Random(seed)
        self._begun = 0
        self.acknowledged: dict[str, int] = {}

    def round(self) -> None:
        """Kill the system while it takes uploads, and check that the next run has them all."""
        run = self._start()
        uploads = threading.Thread(target=self._upload, args=(_client(run),))
        uploads.start()
        while not self.acknowledged and uploads.is_alive():
            time.sleep(0.01)
        time.sleep(self._random.uniform(0.0, LATEST_KILL_SECONDS))
        run.process.kill()
        run.process.communicate()
        uploads.join(timeout=60)
        run = self._start()
        try:
            self._check(run)
        finally:
            run.stop()

    def _start(self) -> Run:
        return start(self._assembly, self._folder / "state")

    def _upload(self, client: Client) -> None:
        while True:
            self._begun += 1
            name = f"model-{self._begun}"
            try:
                client.put(f"{name}.joblib", model(self._begun))
            except (BotoCoreError, ClientError):
                return
            self.acknowledged[name] = self._begun
            time.sleep(0.5)

    def _check(self, run: Run) -> None:
        client = _client(run)
        assert "withdrawn" not in self._reconcile(run)
        for name, constant in self.acknowledged.items():
            deadline = time.monotonic() + SETTLE_SECONDS
            while (found := _prediction(client, name)) != constant:
                assert time.monotonic() < deadline, (name, found, client.status(name).text)
                time.sleep(0.2)

    def _reconcile(self, run: Run) -> str:
        command = [sys.executable, "-m", "modelmount", "--local", "--state", str(run.state)]
        done = subprocess.run(
            [*command, "reconcile"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def _client(run: Run) -> Client:
    return connect(Endpoints.read(run.state / "endpoints.json"))


def _prediction(client: Client, name: str) -> object:
    try:
        answer = client.infer({"model": name, "instances": [[0.5]]}).json()
    except requests.RequestException as error:
        return error
    return answer["predictions"][0] if "predictions" in answer else answer


def main(rounds: int, assembly: Path, folder: Path, seed: int) -> Campaign:
    """Run the rounds and print what each found."""
    print("seed:", seed)
    campaign = Campaign(assembly, folder, seed)
    for number in range(1, rounds + 1):
        campaign.round()
        print(
            f"kill {number}: {len(campaign.acknowledged)} acknowledged uploads, 0 lost", flush=True
        )
    return campaign


if __name__ == "__main__":
    main(
        int(sys.argv[1]),
        Path(sys.argv[2]),
        Path(sys.argv[3]),
        int(sys.argv[4]) if len(sys.argv) > 4 else random.SystemRandom().randrange(10**6),
    )
