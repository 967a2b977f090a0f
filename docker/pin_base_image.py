#!/usr/bin/env python3
"""Pins the base image of docker/Dockerfile by digest, to what its tag means today.

It asks the registry as the OCI Distribution Specification says, and needs no Docker.
"""

import argparse
import hashlib
import json
import re
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

LINE = re.compile(
    r"^ARG BASE_IMAGE=(?P<name>[^/\s]+/[^:@\s]+):(?P<tag>[^@\s]+)(?:@(?P<digest>\S+))?$", re.M
)
INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
PLATFORMS = {"linux/amd64", "linux/arm64"}
TIMEOUT_SECONDS = 60


class PinError(Exception):
    """The image can't be pinned; the text says why."""


def pin(dockerfile: Path) -> tuple[str | None, str]:
    """Writes the tag's digest into the Dockerfile. Returns the former one and the new one."""
    text = dockerfile.read_text("utf-8")
    line = LINE.search(text)
    if line is None:
        raise PinError(f"{dockerfile} has no line ARG BASE_IMAGE=REGISTRY/NAME:TAG")
    digest = find_digest(line["name"], line["tag"])
    pinned = f"ARG BASE_IMAGE={line['name']}:{line['tag']}@{digest}"
    dockerfile.write_text(text[: line.start()] + pinned + text[line.end() :], "utf-8")
    return line["digest"], digest


def find_digest(name: str, tag: str) -> str:
    """Returns the digest of an image for all processors that functions may have."""
    host, _, repository = name.partition("/")
    scheme = "http" if host.partition(":")[0] in ("localhost", "127.0.0.1") else "https"
    body = _ask(f"{scheme}://{host}/v2/{repository}/manifests/{tag}")
    index: dict[str, Any] = json.loads(body)
    if index.get("mediaType") not in INDEXES:
        raise PinError(f"{name}:{tag} is for one processor: {index.get('mediaType')}")
    found = {
        f"{entry['platform']['os']}/{entry['platform']['architecture']}"
        for entry in index["manifests"]
    }
    if missing := PLATFORMS - found:
        raise PinError(f"{name}:{tag} is not for {', '.join(sorted(missing))}")
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _ask(url: str) -> bytes:
    headers = {"Accept": ", ".join(INDEXES)}
    try:
        try:
            return _get(url, headers)
        except urllib.error.HTTPError as error:
            if error.code != 401:
                raise
            token = _token(error.headers.get("WWW-Authenticate", ""))
        return _get(url, {**headers, "Authorization": f"Bearer {token}"})
    except urllib.error.HTTPError as error:
        raise PinError(f"{error.url} answers {error.code} {error.reason}") from error


def _token(challenge: str) -> str:
    """Gets a token as the registry's challenge says. Nobody has to be known to read."""
    asked = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    if "realm" not in asked:
        raise PinError(f"the registry wants to be asked in another way: {challenge!r}")
    realm = asked.pop("realm")
    answer = json.loads(_get(f"{realm}?{urlencode(asked)}", {}))
    return str(answer.get("token") or answer["access_token"])


def _get(url: str, headers: dict[str, str]) -> bytes:
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 (built above)
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
        body: bytes = answer.read()
        stated = answer.headers.get("Docker-Content-Digest")
    if stated and stated != f"sha256:{hashlib.sha256(body).hexdigest()}":
        raise PinError(f"{url} sent other bytes than those of {stated}")
    return body


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dockerfile", type=Path, default=Path(__file__).with_name("Dockerfile"))
    dockerfile = parser.parse_args().dockerfile
    try:
        former, digest = pin(dockerfile)
    except (PinError, OSError) as error:
        sys.exit(f"Not pinned: {error}")
    print("Unchanged:" if former == digest else f"{former or 'no digest'} →", digest)


if __name__ == "__main__":
    main()
