"""Published gadgets, each called in every way that a pickle has."""

from pathlib import Path

import pytest

from preparation.scan.pickle_scan import scan
from serving.errors import UploadRejected
from tests.lambdas.preparation.gadgets import CALLS, GADGETS
from tests.lambdas.preparation.malicious import MALICIOUS

MAX_BYTES = 2**24


def test_the_corpus_has_the_published_size() -> None:
    assert len(set(GADGETS)) == len(GADGETS) >= 133
    assert len(GADGETS) * len(CALLS) + len(MALICIOUS) >= 700


@pytest.mark.parametrize("way", CALLS)
def test_no_gadget_passes(tmp_path: Path, way: str) -> None:
    path = tmp_path / "model"
    passed = []
    for module, name in GADGETS:
        path.write_bytes(CALLS[way](module, name))
        try:
            scan(path, "pickle", MAX_BYTES)
        except UploadRejected as error:
            if error.rejection_code == "UNSAFE_PICKLE":
                continue
        passed.append(f"{module}.{name}")
    assert passed == []
