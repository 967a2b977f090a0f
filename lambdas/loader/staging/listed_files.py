"""The files that a `model.json` lists: read, measured, copied."""

import dataclasses
import hashlib
from datetime import UTC
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from loader.bucket.error_codes import CHANGED, GONE
from loader.bucket.events import ObjectEvent
from loader.bucket.version_folder import VersionFolder
from loader.transfer import object_copy
from loader.transfer.tree import Tree
from serving.errors import UploadRejected
from serving.formats import model_json
from serving.formats.model_json import ModelJson
from serving.records.manifest import ModelFile, Source
from serving.records.object_keys import MODEL_JSON

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


def read_model_json(
    s3: "S3Client", event: ObjectEvent, folder: VersionFolder, listed: Source
) -> tuple[Source, bytes] | None:
    """Read `model.json`; None when it was written anew since, because its own event follows.

    Args:
        event: the event in its folder. The sequencer is known where the event is its own.
        listed: the `model.json` as the folder's listing has it.
    """
    try:
        answer = s3.get_object(Bucket=listed.bucket, Key=listed.key, IfMatch=f'"{listed.etag}"')
    except ClientError as error:
        if error.response["Error"]["Code"] in (*GONE, *CHANGED):
            return None
        raise
    with answer["Body"] as body:
        text = body.read(model_json.MAX_BYTES + 1)
    version_id = answer.get("VersionId", "null")
    source = dataclasses.replace(
        listed,
        version_id=listed.etag if version_id == "null" else version_id,
        last_modified=answer["LastModified"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        contents=folder.contents,
    )
    is_its_own = event.key.text == source.key and event.source.version_id == source.version_id
    sequencer = event.sequencer if is_its_own else ""
    return dataclasses.replace(source, sequencer=sequencer), text


def check_sizes(record: ModelJson, folder: VersionFolder, max_bytes: int) -> None:
    """Check the sizes that the listing gives.

    Raises:
        UploadRejected: the model file is empty, or the files have more than `max_bytes` in all.
    """
    sizes = {path: folder.objects[path].size for path in record.files}
    if sizes[record.model_file] == 0:
        raise UploadRejected("EMPTY_FILE", f"{record.model_file!r} is empty.")
    total = sum(sizes.values())
    if total > max_bytes:
        raise UploadRejected(
            "TOO_LARGE",
            f"The files of {folder.prefix} have {total} bytes in all; this deployment "
            f"takes at most {max_bytes} (setting max_model_bytes).",
        )


def copy(
    s3: "S3Client",
    record: ModelJson,
    text: bytes,
    folder: VersionFolder,
    source: Source,
    target: Path,
) -> list[ModelFile]:
    """Copy all listed files, with the file to load first and `model.json` last.

    Args:
        text: the content of `model.json`, whose object is `source`.

    Raises:
        UploadRejected: a file isn't the one that is listed; and as `object_copy.copy` does.
    """
    sources = {path: folder.objects[path] for path in record.files}
    object_copy.check_space(folder.prefix, sum(s.size for s in sources.values()), target)
    sources[MODEL_JSON] = source
    digests = {**record.files, MODEL_JSON: hashlib.sha256(text).hexdigest()}
    paths = sorted(digests, key=lambda path: (path != record.model_file, path == MODEL_JSON))
    copied = []
    with Tree(target) as tree:
        for path in paths:
            place = PurePosixPath(path)
            with tree.folder(place.parent) as below:
                file = object_copy.copy_within(s3, sources[path], place.name, below)
            _check_digest(path, file.sha256, digests[path])
            copied.append(dataclasses.replace(file, name=path, etag=sources[path].etag))
        tree.sync(above for path in paths for above in PurePosixPath(path).parents)
    return copied


def _check_digest(path: str, found: str, listed: str) -> None:
    if found != listed:
        raise UploadRejected(
            "DIGEST_MISMATCH",
            f"{path!r} has the SHA-256 {found}, and {MODEL_JSON} lists {listed}. Upload the file "
            f"that is meant, or {MODEL_JSON} with its SHA-256.",
        )
