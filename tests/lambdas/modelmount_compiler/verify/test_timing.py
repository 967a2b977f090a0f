"""Which form answers how many rows, by the time that each takes."""

import time
from pathlib import Path

import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from modelmount_compiler.compilation import MethodProof, Timing
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.program import file
from modelmount_compiler.verify import timing

PROOF = MethodProof("predict", 4096, 0, 0, 0.0, 1e-9)


def decided(times: dict[int, tuple[float, float]]) -> tuple[MethodProof, list[int]]:
    """Decide by made-up times of the original and the compiled form; tell what was measured."""
    asked = []

    def measured(rows: int) -> Timing:
        asked.append(rows)
        return Timing(rows, *times[rows])

    return timing.decide_rows(PROOF, measured), asked


def test_what_is_clearly_faster_answers_always() -> None:
    proof, asked = decided({1: (200, 10), 100: (300, 40)})
    assert asked == [1, 100]
    assert (proof.reason, proof.min_rows, proof.max_rows) == (None, 1, None)
    assert all(proof.covers(rows) for rows in (1, 5, 100, 10_000))


def test_what_is_barely_faster_at_a_hundred_is_measured_at_a_thousand() -> None:
    proof, asked = decided({1: (200, 10), 100: (60, 40), 1000: (300, 400)})
    assert asked == [1, 100, 1000]
    assert proof.max_rows == 100
    assert not proof.covers(101)
    assert decided({1: (200, 10), 100: (60, 40), 1000: (500, 400)})[0].max_rows is None


@pytest.mark.parametrize(("at_ten", "most"), [((50, 60), 1), ((70, 60), 10)])
def test_few_rows_alone(at_ten: tuple[float, float], most: int) -> None:
    proof, asked = decided({1: (50, 10), 10: at_ten, 100: (60, 400)})
    assert sorted(asked) == [1, 10, 100]
    assert (proof.min_rows, proof.max_rows) == (1, most)


@pytest.mark.parametrize(("at_ten", "fewest"), [((50, 60), 100), ((70, 60), 10)])
def test_many_rows_alone(at_ten: tuple[float, float], fewest: int) -> None:
    proof, _ = decided({1: (50, 100), 10: at_ten, 100: (900, 400)})
    assert (proof.min_rows, proof.max_rows) == (fewest, None)
    assert not proof.covers(fewest - 1)


def test_what_is_slower_never_answers() -> None:
    proof, _ = decided({1: (135, 478), 100: (900, 1000)})
    assert proof.reason == "it is slower than the model: 1000 µs against 900 µs for 100 rows"
    assert not proof.covers(1)


def test_medians_are_of_calls_in_turns() -> None:
    calls = []

    def answering(name: str, seconds: float) -> timing.Infer:
        def infer(instances: list[object], method: str) -> list[object]:
            calls.append(name)
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                pass
            return instances

        return infer

    measured = timing.measure(
        answering("original", 2e-3), answering("compiled", 1e-4), "predict", [[1.0]], 0.0
    )
    assert calls == ["original", "compiled"] * 4
    assert measured.rows == 1
    assert measured.original_us >= 2000
    assert measured.compiled_us >= 100


def test_a_program_is_loaded_in_a_fresh_process(tmp_path: Path) -> None:
    model = LogisticRegression(max_iter=500).fit(*load_iris(return_X_y=True))
    file.write(tmp_path / "compiled", compile_model(model, runtime.describe(model)))
    assert 0 < timing.load_ms(tmp_path / "compiled") < 60_000
