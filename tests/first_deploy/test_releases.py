"""The check of a release that an alarm brings back, asked of accounts that do and that don't."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from first_deploy.access import Answer
from first_deploy.checks import releases
from first_deploy.deployment import DeploymentFailed
from first_deploy.result import Differs


class Account:
    """An account in which a release lasts until the alarm was set off three times.

    Args:
        heeds: whether the alarm brings the release back.
        begins: whether CodeDeploy has a deployment for it.
        status: what callers get meanwhile.
    """

    def __init__(self, *, heeds: bool = True, begins: bool = True, status: int = 200) -> None:
        self.deployed: list[dict[str, str]] = []
        self._heeds, self._begins, self._status = heeds, begins, status
        self._version, self._alarms, self._ended = 1, 0, threading.Event()

    def deploy(self, **settings: str) -> None:
        self.deployed.append(settings)
        if len(self.deployed) == 1 or not self._begins:
            return
        assert self._ended.wait(30)
        if self._heeds:
            raise DeploymentFailed("cdk deploy failed")
        self._version = 2

    def function(self, _: str) -> dict[str, Any]:
        return {"Configuration": {"FunctionName": "inference"}}

    def physical_id(self, resource_type: str, begins: str) -> str:
        assert begins in ("RolloutServerErrors", "RolloutApplication")
        return resource_type

    def client(self, service: str) -> Any:
        return {
            "lambda": SimpleNamespace(get_alias=lambda **_: {"FunctionVersion": self._version}),
            "codedeploy": SimpleNamespace(
                list_deployment_groups=lambda **_: {"deploymentGroups": ["one"]},
                list_deployments=lambda **_: {"deployments": ["d-1"] if self._begins else []},
            ),
            "cloudwatch": SimpleNamespace(set_alarm_state=self._set_alarm_state),
        }[service]

    def infer(self, _model: str, _rows: list[Any]) -> Answer:
        return Answer(self._status, {}, b"it")

    def _set_alarm_state(self, **arguments: str) -> None:
        assert arguments["StateValue"] == "ALARM"
        self._alarms += 1
        if self._alarms == 3 or self._status != 200:
            self._ended.set()


def ask(account: Account, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(releases, "ASK_SECONDS", 0.01)
    stage: Any = SimpleNamespace(aws=account, access=account)
    assert releases.brought_back.ask is not None
    return releases.brought_back.ask(stage)


def test_the_old_version_answers_again(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account()
    told = ask(account, monkeypatch)
    assert told.startswith("version 1 before, 1 after")
    first, second = account.deployed
    assert first == {"rollout": "canary"}
    assert second.items() > first.items()


@pytest.mark.parametrize(
    ("account", "says"),
    [
        (Account(heeds=False), "2 after"),
        (Account(begins=False), "before it shifted anything"),
        (Account(status=503), "503 it"),
    ],
)
def test_what_differs_is_found(
    account: Account, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Differs, match=says):
        ask(account, monkeypatch)
