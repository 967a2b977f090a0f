"""Program files of format 1, written before this version, answer as they did.

Each `format_1/NAME.safetensors` has beside it a `NAME.json`: the signature as the manifest holds
it, instances, and what the program answered when both were written. Keep them; add to them when an
operation is added.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelmount_compiler import Signature, load
from modelmount_compiler.frameworks import compiled
from modelmount_compiler.instances import outputs
from modelmount_compiler.program import file
from modelmount_compiler.program.operation import name_of
from modelmount_compiler.program.operations import MODULES

FILES = sorted((Path(__file__).parent / "format_1").glob("*.safetensors"))


def told(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.with_suffix(".json").read_text("utf-8"))
    return found


def signature_of(path: Path) -> Signature:
    about = told(path)["signature"]
    columns = about["columns"] and tuple(about["columns"])
    return Signature(**about | {"columns": columns, "methods": tuple(about["methods"])})


def assert_same(found: Any, expected: Any) -> None:
    """Compare JSON values: numbers by their size, everything else exactly."""
    ours, theirs = np.asarray(found), np.asarray(expected)
    assert (ours.dtype.kind, ours.shape) == (theirs.dtype.kind, theirs.shape)
    if ours.dtype.kind == "f":
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    else:
        assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_stored_program_answers_as_it_did(path: Path) -> None:
    """The service's way, which takes JSON instances, and the notebook's."""
    signature = signature_of(path)
    model = compiled.Model(compiled.load(path), signature)
    program = load(path, signature=signature)
    instances, answers = told(path)["instances"], told(path)["answers"]
    assert answers
    for method, expected in answers.items():
        assert_same(model.infer(instances, method), expected)
        asked = outputs.rows(getattr(program, method)(instances))
        np.testing.assert_array_equal(asked, model.infer(instances, method))


def test_the_files_hold_operations_of_every_family() -> None:
    held = {
        name_of(node.operation).split(".")[0] for path in FILES for node in file.read(path).nodes
    }
    assert held == set(MODULES)
