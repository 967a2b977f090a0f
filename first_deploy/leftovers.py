"""What outlives the stacks: kept on purpose, made by checks, or forgotten. Only of one stage."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from botocore.exceptions import ClientError

from first_deploy.journal import Journal

# Kept by a stack when it goes, because it holds data; here the data is our own.
KEPT = {"AWS::S3::Bucket": "bucket", "AWS::KMS::Key": "key", "AWS::Logs::LogGroup": "logs"}
MADE_BY_CHECKS = ("lambda", "sqs")
POLL_SECONDS = 5.0
SHORTEST_DAYS = 7  # that KMS waits before it deletes a key
GONE = ("NoSuchBucket", "ResourceNotFoundException", "NotFoundException", "404")


class Leftovers:
    """Finds and removes what is left of a stage."""

    def __init__(self, client: Callable[[str], Any], stage: str, journal: Journal) -> None:
        self._client = client
        self._stage = stage
        self._journal = journal

    def note_kept(self, stacks: Iterable[str]) -> None:
        """Write down each bucket, key and log group of the stacks, before the stacks go."""
        for stack in stacks:
            pages = self._client("cloudformation").get_paginator("list_stack_resources")
            for page in pages.paginate(StackName=stack):
                for found in page["StackResourceSummaries"]:
                    kind = KEPT.get(found["ResourceType"])
                    if kind and "PhysicalResourceId" in found:
                        self._journal.note(f"{kind}:{found['PhysicalResourceId']}")

    def remove(self, *kinds: str) -> None:
        """Delete what the journal has of these kinds, contents included."""
        deletions: dict[str, Callable[[str], Any]] = {
            "lambda": lambda name: self._client("lambda").delete_function(FunctionName=name),
            "sqs": lambda url: self._client("sqs").delete_queue(QueueUrl=url),
            "bucket": self._bucket,
            "key": self._key,
            "logs": lambda name: self._client("logs").delete_log_group(logGroupName=name),
        }
        for made in list(self._journal.made):
            kind, _, name = made.partition(":")
            if kind in kinds:
                _unless_gone(deletions[kind], name)
                self._journal.made.remove(made)
                self._journal.keep()

    def found(self, settle_seconds: float) -> list[str]:
        """Return what still has the stage's tag; keys that wait for their deletion cost nothing.

        Args:
            settle_seconds: for which AWS may still name what is gone.
        """
        deadline = time.monotonic() + settle_seconds
        while (tagged := self._tagged()) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        return tagged

    def _tagged(self) -> list[str]:
        pages = self._client("resourcegroupstaggingapi").get_paginator("get_resources")
        tags = [{"Key": "stage", "Values": [self._stage]}]
        return [
            entry["ResourceARN"]
            for page in pages.paginate(TagFilters=tags)
            for entry in page["ResourceTagMappingList"]
            if ":key/" not in entry["ResourceARN"]
        ]

    def _bucket(self, name: str) -> None:
        s3 = self._client("s3")
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
            entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            objects = [{"Key": e["Key"], "VersionId": e["VersionId"]} for e in entries]
            if objects:
                s3.delete_objects(Bucket=name, Delete={"Objects": objects, "Quiet": True})
        s3.delete_bucket(Bucket=name)

    def _key(self, name: str) -> None:
        kms = self._client("kms")
        kms.schedule_key_deletion(KeyId=name, PendingWindowInDays=SHORTEST_DAYS)


def _unless_gone(delete: Callable[[str], Any], name: str) -> None:
    try:
        delete(name)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in GONE and "NonExistentQueue" not in code:
            raise
