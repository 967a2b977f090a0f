"""What MiniStack leaves out of Lambda: it runs functions with their mounts, and carries results on.

MiniStack hands every event of a function to the relay, which runs what is *deployed*: the zip that
was published, or the image, with the deployed environment, memory and time.
"""

import contextlib
import io
import json
import shutil
import threading
import urllib.request
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.assembly.assembly import Assembly
from local.assembly.resources.lambda_function import Function, Mount
from tests.deploy.assembly import PROXY
from tests.deploy.ministack import MiniStack
from tests.image.emulator import USER, Runner, Running
from tests.image.emulator import Function as Task

EXPORT = "/export/lambda"


@dataclass
class Relay:
    """Runs functions for MiniStack.

    Attributes:
        folder: the file system.
        results: of each function by its name in the template, the newest last.
    """

    ministack: MiniStack
    runner: Runner
    assembly: Assembly
    folder: Path
    results: list[tuple[str, Any]] = field(default_factory=list)
    _started: dict[str, Running] = field(default_factory=dict)
    _stop: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _later: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    def handle(self, name: str, deployed: str, event: Any) -> tuple[int, Any]:
        """Run a function on an event; return the status for MiniStack, and the answer."""
        (function,) = (f for f in self.assembly.functions.values() if f.name == name)
        answer = self._running(function, deployed).invoke(_unversioned(event))
        self.results.append((name, answer))
        if isinstance(answer, dict) and "errorType" in answer:
            return 500, answer
        if target := self.assembly.functions.get(function.events.on_success or ""):
            self._later.submit(self._carry, target.name, event, answer)
        return 200, answer

    def close(self) -> None:
        """Stop all functions."""
        self._later.shutdown()
        self._stop.close()

    def _carry(self, target: str, event: Any, answer: Any) -> None:
        """Invoke a destination as Lambda does, with its record of the invocation."""
        client = self.ministack.client("lambda")
        names = (f["FunctionName"] for f in client.list_functions()["Functions"])
        (deployed,) = (
            name
            for name in names
            if self._variables(client, name).get(PROXY, "").endswith(f"/{target}")
        )
        record = {
            "version": "1.0",
            "requestContext": {"condition": "Success", "approximateInvokeCount": 1},
            "requestPayload": event,
            "responseContext": {"statusCode": 200},
            "responsePayload": answer,
        }
        client.invoke(
            FunctionName=deployed, InvocationType="Event", Payload=json.dumps(record).encode()
        )

    def _variables(self, client: Any, deployed: str) -> dict[str, str]:
        found = client.get_function_configuration(FunctionName=deployed)
        return dict(found.get("Environment", {}).get("Variables", {}))

    def _running(self, function: Function, deployed: str) -> Running:
        client = self.ministack.client("lambda")
        found = client.get_function(FunctionName=deployed)
        revision = found["Configuration"]["RevisionId"]
        with self._lock:
            if revision not in self._started:
                task = self._task(function, found)
                self._started[revision] = self._stop.enter_context(self.runner.start(task))
            return self._started[revision]

    def _task(self, function: Function, found: dict[str, Any]) -> Task:
        configuration = found["Configuration"]
        is_image = configuration["PackageType"] == "Image"
        environment = dict(configuration.get("Environment", {}).get("Variables", {}))
        del environment[PROXY]
        handler = (
            configuration["ImageConfigResponse"]["ImageConfig"]["Command"][0]
            if is_image
            else configuration["Handler"]
        )
        mount = function.mounts[0] if function.mounts else None
        return Task(
            handler=handler,
            environment=environment if is_image else environment | self.ministack.credentials,
            folder=self._folder(mount),
            writable=_is_writer(function),
            user=(mount and mount.user) or USER,
            code=None if is_image else self._code(found),
            code_at="/var/task",
            reaches_host=not is_image,
            memory_mb=configuration["MemorySize"],
            timeout_seconds=configuration["Timeout"],
        )

    def _folder(self, mount: Mount | None) -> Path:
        """Return what a function sees; a root is made where its access point makes it."""
        if mount is None:
            empty = self.folder.with_name("none")
            empty.mkdir(exist_ok=True)
            return empty
        folder = self.folder / mount.root.removeprefix(EXPORT).strip("/")
        if mount.permissions is not None and not folder.exists():
            folder.mkdir()
            folder.chmod(mount.permissions)
            shutil.chown(folder, *map(int, USER.split(":")))
        return folder

    def _code(self, found: dict[str, Any]) -> Path:
        folder = self.folder.with_name(f"code-{found['Configuration']['RevisionId']}")
        with urllib.request.urlopen(found["Code"]["Location"]) as answer:
            zipfile.ZipFile(io.BytesIO(answer.read())).extractall(folder)
        return folder


def _is_writer(function: Function) -> bool:
    return any("elasticfilesystem:ClientWrite" in s.actions for s in function.policy)


def _unversioned(event: Any) -> Any:
    """An S3 event as of a bucket without versions: MiniStack gives a version only as a whole."""
    for record in event.get("Records", ()):
        record.get("s3", {}).get("object", {}).pop("versionId", None)
    return event
