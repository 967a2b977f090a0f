"""Our hostile and honest pickles, as files."""

import pickle
from pathlib import Path

from tests.lambdas.preparation.gadgets import CALLS, GADGETS
from tests.lambdas.preparation.honest import FITTED
from tests.lambdas.preparation.malicious import MALICIOUS
from tests.lambdas.preparation.own_list import OWN_LIST


def write(folder: Path) -> dict[str, str]:
    """Write all of them; return what kind each file is of."""
    kinds: dict[str, str] = {}

    def add(kind: str, data: bytes) -> None:
        name = f"{len(kinds):05}.pkl"
        (folder / name).write_bytes(data)
        kinds[name] = kind

    for call in CALLS.values():
        for module, name in GADGETS:
            add("published gadgets", call(module, name))
    for data in MALICIOUS.values():
        add("hidden calls", data)
    for data in OWN_LIST.values():
        add("trusted names misused", data)
    for make in FITTED.values():
        add("honest models", pickle.dumps(make()))
    return kinds
