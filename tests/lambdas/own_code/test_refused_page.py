"""The page of refusals has each code, and its examples do what it says."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from serving.records.verdicts import Candidate, Rejected
from tests.conftest import ROOT
from tests.docs import code_blocks
from tests.lambdas.deployment import Deployment
from tests.lambdas.own_code.served import RunsOwnCode

PAGE = ROOT / "docs" / "refused.md"
HEADING = re.compile(r"^#### ([A-Z_0-9]+)$", re.M)
CODE = re.compile(r"[A-Z][A-Z0-9]+(_[A-Z0-9]+)+|CRASHES|HANGS|TRUNCATED|INCOMPLETE")
# What refuses an upload: these are given the code among their arguments.
REFUSING = (
    *("UploadRejected", "ModelRejected", "Foreign", "Rejected", "Refused", "rejected", "told"),
    *("_ask_child", "_refuse_if_told", "_mismatch", "damaged"),
)
# Rooms whose errors answer a caller, and refuse no upload.
CALLERS = ("container", "sagemaker_proxy", "serving/api")


def modules() -> list[ast.Module]:
    paths = (ROOT / "lambdas").rglob("*.py")
    return [
        ast.parse(p.read_bytes()) for p in paths if not p.is_relative_to(ROOT / "lambdas/container")
    ]


def constants(trees: list[ast.Module]) -> dict[str, str]:
    """Return the texts that names in capitals stand for."""
    found = {}
    for tree in trees:
        for statement in tree.body:
            if isinstance(statement, ast.Assign):
                names, values = statement.targets[0], statement.value
                pairs = (
                    zip(names.elts, values.elts, strict=True)
                    if isinstance(names, ast.Tuple) and isinstance(values, ast.Tuple)
                    else [(names, values)]
                )
                for name, value in pairs:
                    if isinstance(name, ast.Name) and isinstance(value, ast.Constant):
                        found[name.id] = str(value.value)
    return found


def codes() -> set[str]:
    trees = modules()
    known = constants(trees)
    found = set()
    for call in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name not in REFUSING:
            continue
        for argument in call.args[:4]:
            match argument:
                case ast.Constant(value=str(text)) if CODE.fullmatch(text):
                    found.add(text)
                case ast.Name(id=name) | ast.Attribute(attr=name) if name.isupper():
                    found.add(known.get(name, ""))
    return {code for code in found if CODE.fullmatch(code)}


def test_each_code_has_an_anchor_and_each_anchor_a_code() -> None:
    told = HEADING.findall(PAGE.read_text())
    assert len(set(told)) == len(told)
    texts = {
        node.value
        for tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert codes() - set(told) == set()
    assert set(told) - texts == set()
    assert len(codes()) > 40


@pytest.mark.slow
def test_the_examples_do_what_the_page_says(deployment: Deployment, tmp_path: Path) -> None:
    (tmp_path / "session.py").write_text(code_blocks.session(PAGE))
    subprocess.run([sys.executable, "session.py"], cwd=tmp_path, check=True)
    running = Deployment(deployment.s3, tmp_path / "on", prepare_with=RunsOwnCode)

    def verdict(where: Deployment, name: str) -> object:
        return where.judge(where.put(name, (tmp_path / name).read_bytes()))

    assert isinstance(verdict(deployment, "refused.joblib"), Rejected)
    assert isinstance(verdict(deployment, "with-code.tar.gz"), Rejected)
    assert isinstance(verdict(running, "with-code.tar.gz"), Candidate)
    for name in ("saved-again.joblib", "exported.onnx"):
        assert isinstance(verdict(deployment, name), Candidate), name


@pytest.mark.slow
def test_a_refusal_names_the_page(deployment: Deployment) -> None:
    outcome = deployment.upload("m.joblib", b"")
    assert outcome is not None
    assert outcome["reason"].endswith("More: docs/refused.md#empty_file")
