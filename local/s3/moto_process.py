"""The process of moto, which serves S3, SQS and SNS."""

import asyncio
import json
import os
import sys
from pathlib import Path

from aiohttp import ClientSession

from local.assembly.resources.bucket import Bucket
from local.errors import LocalError
from local.process_reaper import ProcessReaper
from local.processes import IMPORT_ROOT
from local.s3.authorization import moto_authorization
from local.state_folder import StateFolder

_VERSIONING = (
    '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<Status>Enabled</Status></VersioningConfiguration>"
)


class MotoProcess:
    """A running server at `url`."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, region: str) -> None:
        self._process = process
        self.url = url
        self._region = region

    @classmethod
    async def start(cls, state: StateFolder, region: str, reaper: ProcessReaper) -> "MotoProcess":
        """Starts the server on a free port, with what an earlier one has acknowledged."""
        state.s3.mkdir(parents=True, exist_ok=True)
        spool = state.tmp / "s3"
        spool.mkdir(parents=True, exist_ok=True)
        log = state.logs / "s3.log"
        with log.open("ab") as file:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "local.s3.moto_server", str(state.s3),
                cwd=IMPORT_ROOT,
                env={"PATH": os.defpath, "TMPDIR": str(spool), "HOME": str(spool)},
                stdout=asyncio.subprocess.PIPE,
                stderr=file,
                start_new_session=True,
            )  # fmt: skip
        reaper.watch(process.pid)
        return cls(process, await _url(process, log), region)

    async def ended(self) -> None:
        """Waits for the server's end."""
        await self._process.wait()

    async def create_bucket(self, bucket: Bucket) -> None:
        """Creates the bucket as the template has it; an existing one is kept."""
        async with ClientSession(self.url, raise_for_status=True) as session:
            (await session.put(f"/{bucket.name}")).release()
            if bucket.versioned:
                (await session.put(f"/{bucket.name}?versioning", data=_VERSIONING)).release()

    async def create_queue(self, name: str) -> str:
        """Creates the queue if it is missing, and returns its URL path."""
        answer = await self._sqs("CreateQueue", {"QueueName": name})
        return answer["QueueUrl"].replace(self.url, "")

    async def create_topic(self, name: str) -> None:
        """Creates the topic; an existing one is kept."""
        headers = {"Authorization": moto_authorization("sns", self._region)}
        form = {"Action": "CreateTopic", "Version": "2010-03-31", "Name": name}
        async with ClientSession(self.url, raise_for_status=True) as session:
            (await session.post("/", data=form, headers=headers)).release()

    async def publish(self, topic_arn: str, message: str) -> None:
        """Publishes a message to a topic."""
        headers = {"Authorization": moto_authorization("sns", self._region)}
        form = {
            "Action": "Publish",
            "Version": "2010-03-31",
            "TopicArn": topic_arn,
            "Message": message,
        }
        async with ClientSession(self.url, raise_for_status=True) as session:
            (await session.post("/", data=form, headers=headers)).release()

    async def send_message(self, queue: str, body: str) -> None:
        """Sends a message to a queue, by its name."""
        answer = await self._sqs("GetQueueUrl", {"QueueName": queue})
        await self._sqs("SendMessage", {"QueueUrl": answer["QueueUrl"], "MessageBody": body})

    async def close(self) -> None:
        """Stops the server."""
        if self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    async def _sqs(self, action: str, request: dict[str, str]) -> dict[str, str]:
        headers = {
            "Authorization": moto_authorization("sqs", self._region),
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"AmazonSQS.{action}",
        }
        async with (
            ClientSession(self.url, raise_for_status=True) as session,
            session.post("/", data=json.dumps(request), headers=headers) as answer,
        ):
            return dict(await answer.json(content_type=None) or {})


async def _url(process: asyncio.subprocess.Process, log: Path) -> str:
    if process.stdout is None:
        raise LocalError("the S3 server has no output to read its port from")
    line = await process.stdout.readline()
    if not line:
        raise LocalError(f"the S3 server did not start: see {log}")
    return f"http://127.0.0.1:{int(line)}"
