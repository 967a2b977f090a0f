"""Finds bucket and object key of a request."""

import email
import email.policy
from collections.abc import Container
from urllib.parse import unquote


def split_path(raw_path: str, host: str, buckets: Container[str]) -> tuple[str, str]:
    """Splits a request into bucket and key, by its path or its host (`bucket.localhost`)."""
    path = unquote(raw_path.partition("?")[0]).removeprefix("/")
    label = host.partition(".")[0]
    if label in buckets:
        return label, path
    bucket, _, key = path.partition("/")
    return bucket, key


def form_upload_key(content_type: str, body: bytes) -> str:
    """Returns the object key that a form upload names."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    form = email.message_from_bytes(head + body, policy=email.policy.HTTP)
    key, filename = "", ""
    for part in form.iter_parts():
        name = part.get_param("name", header="content-disposition")
        if name == "key":
            key = part.get_content().strip()
        elif name == "file":
            filename = part.get_filename() or ""
    return key.replace("${filename}", filename)
