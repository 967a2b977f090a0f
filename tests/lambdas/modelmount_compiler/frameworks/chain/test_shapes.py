"""Models in pieces answer as the application that they are from, as they are and compiled."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modelmount_compiler.chain import Chain
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.frameworks.chain import loading
from modelmount_compiler.frameworks.program_model import ProgramModel
from preparation import chain_check
from serving.records import codec
from tests.lambdas.chains import boosted, tables, texts
from tests.lambdas.modelmount_compiler.frameworks.chain.reading import recognised

SHAPES = texts.SHAPES | tables.SHAPES | boosted.SHAPES


def _are_same(found: list[Any], expected: list[Any]) -> bool:
    if isinstance(expected[0], float):
        return bool(np.allclose(found, expected, rtol=1e-6))
    return found == expected


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_answers_as_its_application(name: str, tmp_path: Path) -> None:
    shape = SHAPES[name]()
    loaded, chain = recognised(tmp_path, shape.files, shape.statement)
    assert chain is not None
    assert codec.loads(Chain, codec.dumps(chain)).links[0] == chain.links[0]
    again = loading.load(tmp_path, codec.loads(Chain, codec.dumps(chain)))
    signature = runtime.describe(again)
    expected = np.asarray(shape.app(shape.instances)).tolist()
    answers = runtime.Model(again, signature).infer(shape.instances, "predict")
    assert _are_same(answers, expected)
    compiled = ProgramModel(compile_model(again, signature), signature)
    assert _are_same(compiled.infer(shape.instances, "predict"), expected)
    assert chain_check.check(chain, tmp_path, loaded, signature, shape.instances) > 0
