"""Who misspells a model or a version is told what was meant."""

from pathlib import Path

import pytest

from serving.errors import ModelNotFound, VersionNotFound
from serving.repository.model_reader import ModelReader
from tests.lambdas import zoo


@pytest.fixture
def reader(tmp_path: Path) -> ModelReader:
    estimator = zoo.estimators()["regressor"]
    for name in ("house-prices", "fraud"):
        zoo.publish(tmp_path, name, "1", estimator)
    zoo.publish(tmp_path, "fraud", "2", estimator)
    return ModelReader(tmp_path / "models")


@pytest.mark.parametrize(
    ("model", "meant"),
    [
        ("house_prices", " Did you mean 'house-prices'?"),
        ("Fraud", " Did you mean 'fraud'?"),
        ("temporary", ""),
        ("zebra", ""),
    ],
)
def test_a_model(reader: ModelReader, model: str, meant: str) -> None:
    with pytest.raises(ModelNotFound) as caught:
        reader.resolve(model)
    assert str(caught.value) == (
        f"There is no model {model!r}. GET /models lists those there are.{meant}"
    )


def test_a_version(reader: ModelReader) -> None:
    with pytest.raises(VersionNotFound, match=r"Did you mean '[12]'"):
        reader.resolve("fraud", "12")
    with pytest.raises(VersionNotFound) as caught:
        reader.resolve("fraud", "2026-11-29")
    assert "Did you mean" not in str(caught.value)
