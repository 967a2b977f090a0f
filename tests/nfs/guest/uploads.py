"""200 uploads of 50 models, handled at once by eight loaders, each of them a client of its own."""

from unittest.mock import patch

from tests.lambdas.crash import concurrent_uploads
from tests.nfs.guest import clients
from tests.nfs.guest.crashes import moved
from tests.nfs.guest.report import found


def main(seed: str) -> None:
    """Handle them in the order that the seed says, and judge each model by its own files."""
    with patch.object(concurrent_uploads, "handle", moved(concurrent_uploads.handle)):
        right = concurrent_uploads.main(clients.HERE / "uploads", int(seed))
    found({"models": concurrent_uploads.MODELS, "right": right})
