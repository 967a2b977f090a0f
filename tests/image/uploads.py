"""Uploads that are staged and published here, and prepared and served in the image."""

import json
import subprocess
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from serving.records import verdicts
from tests.image.emulator import PREPARER, READER, USER, Function, Runner, Running
from tests.lambdas.deployment import Deployment


@dataclass(frozen=True)
class Uploads:
    runner: Runner
    deployment: Deployment

    def __post_init__(self) -> None:
        self.deployment.root.chmod(0o750)
        self.deployment.repository.laid_out(self.deployment.root)
        self._give_to_user()

    def preparer(
        self, compile_seconds: int, memory_mb: int = 3008
    ) -> AbstractContextManager[Running]:
        """Start the preparer on the candidates."""
        return self.runner.start(
            Function(
                handler="preparer.handler.handler",
                environment={
                    "CANDIDATES_DIR": "/mnt/ml",
                    "TRUSTED_FORMATS": "joblib,pickle",
                    "COMPILE_SECONDS": str(compile_seconds),
                    "OWN_CODE": "off",
                    "LOG_LEVEL": "INFO",
                },
                folder=self.deployment.root / "candidates",
                writable=True,
                user=PREPARER,
                memory_mb=memory_mb,
                timeout_seconds=900,
            )
        )

    def inference(self, **variables: str) -> AbstractContextManager[Running]:
        """Start inference on the models, with more variables than it has."""
        return self.runner.start(
            Function(
                handler="inference.handler.handler",
                environment={
                    "MODEL_DIR": "/mnt/ml/models",
                    "ALLOWED_ORIGINS": "*",
                    "PRELOAD": "",
                    "REFRESH_SECONDS": "1",
                    "PREDICT_SECONDS": "20",
                    "FALL_BACK": "off",
                    "CAPTURE_PERCENT": "0",
                    "CAPTURE_REDACT": "[]",
                    "CAPTURE_MAX_BYTES": "65536",
                    "LOG_LEVEL": "INFO",
                    **variables,
                },
                folder=self.deployment.root,
                user=READER,
                timeout_seconds=29,
            )
        )

    def publish(self, preparer: Running, key: str, data: bytes) -> dict[str, Any] | None:
        """Carry an upload from the bucket to its publication; return what `publish` says."""
        staged = self.deployment.stager.judge(self.deployment.put(key, data))
        assert isinstance(staged, verdicts.Candidate), staged
        self._give_to_user()
        self.deployment.repository.candidates.lay_out()
        answer = preparer.invoke({"responsePayload": verdicts.encode([staged])})
        (verdict,) = verdicts.decode(answer)
        outcome = self.deployment.publisher.act(verdict)
        self._give_to_user()
        return outcome

    def _give_to_user(self) -> None:
        """All on the file system is the loader's user's, which this process is not."""
        subprocess.run(["chown", "--recursive", USER, str(self.deployment.root)], check=True)


def request(method: str, path: str, body: Any = None) -> dict[str, Any]:
    """Return an event of the API with a JSON body."""
    return {
        "httpMethod": method,
        "path": path,
        "headers": {"content-type": "application/json"},
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }
