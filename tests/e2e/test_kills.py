"""A short run of the campaign; the long one's figures are in docs/local.md."""

import random
from pathlib import Path

from tests.e2e import kills


def test_a_killed_system_loses_no_acknowledged_upload(assembly: Path, tmp_path: Path) -> None:
    campaign = kills.main(1, assembly, tmp_path, random.SystemRandom().randrange(10**6))
    assert campaign.acknowledged
