"""The search for gadgets inside the policy: what it finds is on a page, and nothing acts."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import get_args

import pytest
import sklearn

from modelmount_compiler.frameworks.loading_policy import policy
from modelmount_compiler.signature import Method
from policies import derive, reachable

ROOT = Path(__file__).parents[3]
SAMPLED = 150  # one class of so many
# What loading and answering call; a name as the table has it.
CALLED = {
    name.replace("_", "\\_")
    for name in (
        *reachable.BY_LOADING,
        *get_args(Method),
        "transform",
        "score_samples",
        "kneighbors",
    )
}
PAGE = ROOT / "docs" / "loading-policy.md"
# Calls each function with texts and paths, and reports what Python's audit saw beside imports.
CALLING = """
import importlib, json, sys, warnings
import numpy, sklearn.metrics, sklearn.preprocessing, scipy.special, pandas
warnings.simplefilter("ignore")
names, mark = json.loads(sys.argv[1]), sys.argv[2]
found = []
def watch(event, arguments):
    acts = event.startswith((
        "os.system", "os.exec", "subprocess", "socket", "shutil",
    ))
    opens = event in ("open", "exec", "compile", "import", "ctypes.dlopen")
    if acts or opens and mark in repr(arguments):
        found.append([event, repr(arguments)[:200]])
hostile = [mark, [mark], {"a": mark}, numpy.array([mark]), numpy.array([mark], dtype=object)]
functions = []
for name in names:
    module, _, attribute = name.rpartition(".")
    try:
        functions.append(getattr(importlib.import_module(module), attribute))
    except (ImportError, AttributeError):
        continue
sys.addaudithook(watch)
for function in functions:
    for first in hostile:
        for arguments in ((first,), (first, first), (first, first, first)):
            for keywords in ({}, {"metric": mark}, {"out": mark}):
                try:
                    function(*arguments, **keywords)
                except BaseException:
                    pass
print(json.dumps([len(functions), found]))
"""


def test_the_page_has_what_the_search_finds() -> None:
    assert reachable.tables() in PAGE.read_text("utf-8")


def test_loading_reaches_no_file_and_runs_nothing() -> None:
    loading, _ = reachable.search()
    assert [what for _, what in loading if "opens" in what or "runs" in what] == []


@pytest.mark.slow
def test_no_function_acts_on_hostile_arguments(tmp_path: Path) -> None:
    mark = str(tmp_path / "mark")
    names = json.dumps(sorted(policy.for_version().functions))
    child = subprocess.run(
        [sys.executable, "-c", CALLING, names, mark],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    called, found = json.loads(child.stdout.splitlines()[-1])
    assert called > 100
    assert found == []
    assert not Path(mark).exists()


@pytest.mark.slow
def test_no_method_that_is_called_acts_on_hostile_arguments() -> None:
    seed = str(int(time.time()))
    print(f"again: python -m policies.acting --seed {seed} --of {SAMPLED}")
    done = subprocess.run(
        [sys.executable, "-m", "policies.acting", "--seed", seed, "--of", str(SAMPLED)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "lambdas")))},
        capture_output=True,
        text=True,
        check=True,
    )
    calls, _, _, *rows = done.stdout.splitlines()
    acting = [row for row in rows if row.split(" | ")[0].rpartition(".")[2] in CALLED]
    assert int(calls.split()[0]) > 100
    assert acting == []


@pytest.mark.slow
def test_the_data_is_what_the_libraries_say(tmp_path: Path) -> None:
    """What the class itself says; what fitting shows more stays as it was derived."""
    paths = {"PYTHONPATH": str(ROOT / "lambdas")}
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0", **paths}
    command = [sys.executable, "-m", "policies.derive", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    for path in tmp_path.iterdir():
        assert (derive.DATA / path.name).read_text("utf-8") == path.read_text("utf-8"), path.name
    assert (tmp_path / f"scikit-learn-{sklearn.__version__.rpartition('.')[0]}.json").exists()


def test_each_version_has_data() -> None:
    for minor in (1, 2, 3, 4, 5, 6, 7, 8, 9):
        assert policy.for_version((1, minor)).version == (1, minor)
    assert policy.for_version((1, 99)).version == policy.installed()
    assert policy.for_version((0, 24)).version == (1, 1)
