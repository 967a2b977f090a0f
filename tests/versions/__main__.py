"""Runs the compiler over the zoo in every environment, and prints or writes the table."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from environments.environment import Environment
from environments.installed import installed
from tests.versions import page, zoo
from tests.versions.judge import judge

ROOT = Path(__file__).parents[2]
SEED = 20
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
PREFIX, LINE = "sklearn-", '{"kind": '
# Each sample has them: their attributes or their meaning differ between versions.
ALWAYS = (
    *("DecisionTreeClassifier", "forest: several outputs", "AdaBoost: SAMME, three"),
    *("AdaBoost: SAMME.R, three", "histogram: categories by place", "PLSRegression"),
    *("NearestCentroid", "columns: imputed", "one-hot: infrequent", "XGBoost: stopped early"),
    *("LightGBM: categories", "CatBoost: three"),
)


def main() -> int:
    """Run it; return 1 where an answer was wrong, or a kind failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.versions")
    parser.add_argument("--seed", type=int, default=SEED, help="of a sample")
    parser.add_argument("--models", type=int, help="a sample of so many (default: all)")
    parser.add_argument("--only", default="", help="the environment of this name")
    parser.add_argument("--seconds", type=float, default=10.0, help="to compile; 0: no gate")
    parser.add_argument("--jobs", type=int, default=1, help="environments at once")
    parser.add_argument("--write", action="store_true", help=f"write {page.PAGE.name}")
    options = parser.parse_args()
    chosen = [each for each in installed() if each.name.startswith(PREFIX)]
    chosen = [each for each in chosen if options.only in ("", each.name)]
    names = None if options.models is None else sample(options.models, options.seed)

    def run(environment: Environment) -> list[page.Told]:
        found = list(tried(environment, options.seconds, names))
        faults = [told for each in found for told in each.faults]
        print("\n".join([page.summary(environment.name, found), *faults]), flush=True)
        return found

    with ThreadPoolExecutor(options.jobs) as pool:
        found = dict(zip([each.name for each in chosen], pool.map(run, chosen), strict=True))
    if options.write:
        about = {each.name: each for each in chosen}
        text = page.page(found, about, options.seed, options.seconds)
        page.PAGE.write_text(text, "utf-8")
    return int(any(each.faults for of in found.values() for each in of))


def tried(environment: Environment, seconds: float, names: list[str] | None) -> Iterator[page.Told]:
    """Yield what came of each kind of model, or of those of these names."""
    with tempfile.TemporaryDirectory() as folder:
        for line in _child(environment, folder, str(seconds), json.dumps(names)):
            told = json.loads(line)
            made = judge(Path(told["place"]), told["methods"]) if told.get("methods") else None
            yield page.Told(
                told["kind"], told["outcome"], told["reason"], told.get("flips", 0), made
            )


def sample(models: int, seed: int) -> list[str]:
    """Return the names of some kinds, and of those whose meaning differs between versions."""
    names = [kind.name for kind in zoo.kinds()]
    drawn = np.random.default_rng(seed).permutation(len(names))[:models]
    return [*ALWAYS, *(names[i] for i in sorted(drawn))]


def _child(environment: Environment, *arguments: str) -> Iterator[str]:
    """Yield the lines of a child about kinds; its libraries print, too."""
    paths = os.pathsep.join((str(ROOT), str(ROOT / "lambdas")))
    command = [str(environment.python), "-W", "ignore", "-m", "tests.versions.child", *arguments]
    variables = {**os.environ, **ONE_THREAD, "PYTHONPATH": paths}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=variables
    ) as process:
        assert process.stdout is not None
        try:
            yield from (line for line in process.stdout if line.startswith(LINE))
        except GeneratorExit:
            process.kill()
            raise
    if process.returncode:
        raise RuntimeError(f"the child of {environment.name} ended with {process.returncode}")


if __name__ == "__main__":
    sys.exit(main())
