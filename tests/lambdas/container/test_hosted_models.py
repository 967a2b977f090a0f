"""Memory: what the models are said to take, and what the process really takes."""

from pathlib import Path

import pytest

from container import settings
from container.hosted_models import HostedModels
from container.memory_budget import OutOfMemory
from serving.cache import memory
from serving.errors import OverBudget
from serving.service.query import Query
from tests.lambdas.container.folders import published, scripted
from tests.lambdas.deployment import classifier

MIB = 1024 * 1024
LIMIT_MB = 1000 - 128


@pytest.fixture
def resident(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Stand in for the process's memory: its last entry, in MiB."""
    taken = [100]
    monkeypatch.setattr(memory, "resident_bytes", lambda: taken[-1] * MIB)
    return taken


@pytest.fixture
def models(tmp_path: Path) -> HostedModels:
    return HostedModels(
        settings.read(
            {
                "SAGEMAKER_MULTI_MODEL": "true",
                "MODELMOUNT_MEMORY_MB": "1000",
                "MODELMOUNT_SCRATCH_DIR": str(tmp_path / "scratch"),
            }
        )
    )


@pytest.mark.slow
def test_the_process_may_not_outgrow_the_container(
    models: HostedModels, resident: list[int], tmp_path: Path
) -> None:
    first, second = published(tmp_path / "a"), published(tmp_path / "b", classifier(10))
    script = scripted(tmp_path / "c", "def model_fn(model_dir): return 1\n")
    models.load("first", first)
    resident.append(LIMIT_MB + 1)
    for name, folder in (("second", second), ("script", script)):
        with pytest.raises((OutOfMemory, OverBudget)):
            models.load(name, folder)
    # What is there isn't evicted for it: SageMaker says what goes.
    assert [hosted.name for hosted in models.all()] == ["first"]
    answer = models.service.ask(Query("first", None, [[1.0, 1.0]]))
    assert (answer.result.tolist(), answer.load_ms) == ([1], None)
    models.unload("first")
    resident.append(100)
    models.load("second", second)
    models.load("script", script)


def test_models_are_not_evicted_for_one_another(
    models: HostedModels, resident: list[int], tmp_path: Path
) -> None:
    models.load("first", published(tmp_path / "a"))
    (entry,) = models.service._cache._entries.select(lambda _: True).values()
    assert entry.is_pinned
    models.unload("first")
    assert models.service._cache.used_bytes == 0
