"""Holds programs, run in this process, against the originals' own answers of another version."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks.program_model import ProgramModel
from modelmount_compiler.instances.batches import NamedTensors, Table
from modelmount_compiler.program import file
from modelmount_compiler.signature import Signature
from modelmount_compiler.verify.comparison import FLOAT32_BOUND, FLOAT64_BOUND, compare
from serving.records import codec

Batch = list[Any] | NamedTensors | Table


class Judged:
    """What came of the answers of one kind of model.

    Attributes:
        equal: answers that are the original's, or refusals that are its own.
        refused: requests that were refused where the original answered, with a reason.
        wrong: all others, described.
    """

    def __init__(self) -> None:
        self.equal = 0
        self.refused: list[str] = []
        self.wrong: list[str] = []


def judge(place: Path, methods: list[str]) -> Judged:
    """Ask a kind's program what its original was asked.

    Args:
        place: the folder that the child left.
        methods: those that were proven.
    """
    judged = Judged()
    signature = codec.decode(Signature, json.loads((place / "signature.json").read_text()))
    model = ProgramModel(file.read(place / "compiled"), signature)
    for question in json.loads((place / "answers.json").read_text()):
        method = question["method"]
        if method not in methods:
            continue
        try:
            found = model.answer(question["instances"], method)
        except InputMismatch as error:
            if question["answer"] is None:
                judged.equal += 1
            else:
                judged.refused.append(f"{method}: {error}"[:300])
            continue
        if question["answer"] is None:
            judged.wrong.append(f"{method}: the original refuses what the program answers")
            continue
        if told := _difference(question["answer"], found, signature, method):
            judged.wrong.append(f"{method}: {told}")
        else:
            judged.equal += 1
    return judged


def _difference(answer: dict[str, Any], found: Any, signature: Signature, method: str) -> str:
    arrays = [
        np.array(values, dtype=kind).reshape(shape)
        for values, kind, shape in zip(
            answer["values"], answer["kinds"], answer["shapes"], strict=True
        )
    ]
    expected = arrays if answer["list"] else arrays[0]
    bound = FLOAT32_BOUND if "float32" in answer["kinds"] else FLOAT64_BOUND
    labels = signature.classes is not None and method == "predict"
    difference = compare(expected, found, labels=labels, bound=bound)
    flips = f", {difference.flips} flips" if difference.flips else ""
    return f"{difference.description}{flips}" if difference.description or flips else ""
