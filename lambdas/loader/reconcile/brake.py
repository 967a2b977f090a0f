"""The brake: how many deletions a listing alone is believed.

Deletions come as events of their own, so a listing tells of those alone whose events were lost. One
that lacks much of what is published is rather that of another bucket, or of one that lost its
content.
"""

from collections.abc import Container, Sequence

from serving.records.verdicts import Removed

FEW = 10
SHARE = 10
GOON = "If these objects are really gone, say so: modelmount reconcile --force."


def lost(removals: Sequence[Removed], listed: Container[str], published: set[str]) -> set[str]:
    """Return the keys of published versions that the bucket no longer has."""
    return {removed.key for removed in removals if removed.key not in listed} & published


def is_credible(lost: int, published: int) -> bool:
    """Whether so many of the published keys can be gone without having been told.

    At most half of them, and no more than ten or a tenth. So an empty bucket is never believed.
    """
    return lost <= min(published / 2, max(FEW, published / SHARE))


def reason(lost: int, published: int) -> str:
    """Say what was held back, and how to go on."""
    return (
        f"The bucket lacks {lost} of the {published} objects that are published, and no event told "
        f"of their deletion. Nothing was withdrawn. {GOON}"
    )
