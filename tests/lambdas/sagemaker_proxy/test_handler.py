"""The entry point: its environment is read once, and every answer is told in the log."""

import importlib
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.lambdas.sagemaker_proxy.conftest import Caller

ENVIRONMENT = {
    "ENDPOINTS": (
        '[{"name": "vision", "endpoint": "mm-vision", "variants": ["resnet"],'
        ' "asynchronous": false, "multi_model": false}]'
    ),
    "BUCKET_NAME": "exchange",
    "ALLOWED_ORIGINS": "*",
    "STAGE_NAME": "prod",
    "AWS_DEFAULT_REGION": "eu-west-1",
}
ROOT = Path(__file__).parents[3]
CODE = re.compile("`([A-Z_]+)`")
RAISED = re.compile(r'Refusal\(\s*\w+,\s*"([A-Z_]+)"')


@pytest.fixture
def root_level() -> Iterator[None]:
    level = logging.getLogger().level
    yield
    logging.getLogger().setLevel(level)


def load(monkeypatch: pytest.MonkeyPatch, **environment: str) -> ModuleType:
    for name, value in {**ENVIRONMENT, **environment}.items():
        monkeypatch.setenv(name, value)
    return importlib.reload(importlib.import_module("sagemaker_proxy.handler"))


@pytest.mark.usefixtures("root_level")
@pytest.mark.parametrize("level", ["DEBUG", "ERROR"])
def test_log_level_is_the_environments(monkeypatch: pytest.MonkeyPatch, level: str) -> None:
    handler = load(monkeypatch, LOG_LEVEL=level)

    assert handler.settings.log_level == level
    assert logging.getLogger().level == getattr(logging, level)


@pytest.mark.usefixtures("root_level")
def test_patience_ends_before_api_gateways(monkeypatch: pytest.MonkeyPatch) -> None:
    patience = load(monkeypatch, LOG_LEVEL="INFO").PATIENCE

    assert patience.connect_timeout + patience.read_timeout <= 29
    assert patience.retries["total_max_attempts"] == 1


def test_every_answer_is_told_with_stage_route_and_status(
    caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        caller.call("POST", "/api/v1/{variant}", "alexnet", body=b"secret", stage_name="prod")

    (line,) = [r.getMessage() for r in caplog.records if r.name == "sagemaker_proxy.proxy"]
    assert line.startswith("stage=prod route=POST /api/v1/{variant} status=404")
    assert "secret" not in line


def test_a_level_above_keeps_these_lines_out(
    caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        caller.call("POST", "/api/v1/{variant}", "alexnet", body=b"")

    assert not caplog.records


def test_each_code_of_an_error_is_documented() -> None:
    page = (ROOT / "docs" / "sagemaker.md").read_text("utf-8")
    table = page.partition("| status | code |")[2].partition("\n\n")[0]
    sources = (ROOT / "lambdas" / "sagemaker_proxy").glob("*.py")
    raised = {code for source in sources for code in RAISED.findall(source.read_text("utf-8"))}

    assert raised
    assert set(CODE.findall(table)) == raised
