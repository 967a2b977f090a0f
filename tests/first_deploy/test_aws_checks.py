"""Checks that an account alone can answer, each with answers that pass and answers that don't."""

import contextlib
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from first_deploy.check import Check
from first_deploy.checks import confinement, deployment, measurements, mounts
from first_deploy.checks.confinement import REFUSED_ACTIONS
from first_deploy.deployment import DeploymentFailed
from first_deploy.result import Differs

CONFIGURATION = {
    "MemorySize": 3008,
    "Architectures": ["x86_64"],
    "Role": "arn:aws:iam::1:role/it",
    "Environment": {"Variables": {"MODEL_DIR": "/mnt/ml/models", "CANDIDATES_DIR": "/mnt/ml"}},
    "FileSystemConfigs": [{"LocalMountPath": "/mnt/ml"}],
}
MACHINE = {"architecture": "x86_64", "python": "3.13.5"}
MEANS = {
    "landlock_abi": "6",
    "seccomp_filter": "yes",
    "user_namespace": "yes",
    "not_dumpable": "yes",
}
DENY = {"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}


class Aws:
    """A deployment with made-up answers, by question and by service."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers

    def function(self, _: str) -> dict[str, Any]:
        return {"Configuration": CONFIGURATION}

    @contextlib.contextmanager
    def probe(self, _like: str, _kind: str, **_: Any) -> Iterator[Any]:
        yield SimpleNamespace(ask=self._ask)

    def _ask(self, arguments: dict[str, Any]) -> dict[str, Any]:
        found = {}
        for name, argument in arguments.items():
            answer = self._answers[name]
            if isinstance(answer, Exception):
                raise answer
            found[name] = answer(argument) if callable(answer) else answer
        return found

    def client(self, service: str) -> Any:
        return self._answers[service]

    def outputs(self, _: str) -> dict[str, str]:
        return {"FileSystemId": "fs-1"}

    def difference(self) -> str:
        if self._answers["difference"]:
            raise DeploymentFailed(self._answers["difference"])
        return ""

    def log_lines(self, _: str) -> list[str]:
        lines: list[str] = self._answers["lines"]
        return lines


def ask(check: Check, **answers: Any) -> str:
    aws = Aws(**answers)
    session = SimpleNamespace(region_name="eu-west-1")
    stage: Any = SimpleNamespace(aws=aws, deployment=aws, access=SimpleNamespace(session=session))
    assert check.ask is not None
    return check.ask(stage)


def limits(executions: int) -> Any:
    limit = {"ConcurrentExecutions": executions, "UnreservedConcurrentExecutions": executions}
    return SimpleNamespace(get_account_settings=lambda: {"AccountLimit": limit})


def policy(*statements: dict[str, Any]) -> Any:
    text = json.dumps({"Statement": statements})
    return SimpleNamespace(describe_file_system_policy=lambda **_: {"Policy": text})


def simulator(*allowed: str) -> Any:
    def simulate(ActionNames: list[str], **_: Any) -> dict[str, Any]:  # noqa: N803 (boto3's name)
        decisions = {True: "allowed", False: "implicitDeny"}
        results = [
            {"EvalActionName": name, "EvalDecision": decisions[name in allowed]}
            for name in ActionNames
        ]
        return {"EvaluationResults": results}

    return SimpleNamespace(simulate_principal_policy=simulate)


def reached(*names: str) -> Any:
    def reach(targets: list[list[Any]]) -> dict[str, str]:
        return {host: "connected" if host in names else "not reached" for host, _ in targets}

    return reach


def listing(candidates: str) -> Any:
    return lambda folder: candidates if "candidates" in folder else "entered: ['iris']"


def reports(init: str, billed: int) -> list[str]:
    return [f"REPORT RequestId: 1 Duration: 1.2 ms Billed Duration: {billed} ms {init}"] * 30


STARTED = "Init Duration: 812.5 ms"
CASES = [
    (deployment.account_quota, {"lambda": limits(1000)}, {"lambda": limits(5)}),
    (deployment.no_difference, {"difference": ""}, {"difference": "[~] Inference"}),
    (mounts.read_only, {"write": "refused: Read-only file system"}, {"write": "written"}),
    (
        mounts.models_alone,
        {"enter": listing("refused: Permission denied")},
        {"enter": listing("entered: []")},
    ),
    (
        mounts.models_alone,
        {"enter": listing("refused: Permission denied")},
        {"enter": "refused: Permission denied"},
    ),
    (
        mounts.own_access_point,
        {"enter": Differs("EFSMountFailureException: denied")},
        {"enter": "entered: ['candidates']"},
    ),
    (
        mounts.own_access_point,
        {"enter": Differs("EFSMountConnectivityException: no")},
        {"enter": Differs("TooManyRequestsException: later")},
    ),
    (mounts.policy, {"efs": policy(DENY)}, {"efs": policy(DENY, {"Effect": "Allow"})}),
    (
        mounts.policy,
        {"efs": policy(DENY)},
        {"efs": policy(DENY | {"Condition": {"ArnNotEquals": {"aws:PrincipalArn": "x"}}})},
    ),
    (mounts.candidates_alone, {"enter": "refused: No such file"}, {"enter": "entered: ['iris']"}),
    *(
        (mounts.close_to_open, {"mount_options": "nfs4 rw,vers=4.1,hard"}, {"mount_options": bad})
        for bad in ("nfs4 rw,vers=4.1,nocto", "nfs4 rw,actimeo=600", "virtiofs rw", "not mounted")
    ),
    (confinement.no_way_out, {"reach": reached()}, {"reach": reached("1.1.1.1")}),
    (
        confinement.no_way_out,
        {"reach": reached()},
        {"reach": reached("sts.eu-west-1.amazonaws.com")},
    ),
    (confinement.no_permissions, {"iam": simulator()}, {"iam": simulator(REFUSED_ACTIONS[0])}),
    (
        confinement.image,
        {"machine": MACHINE, "libraries": {"lightgbm": "4.6.0"}},
        {"machine": MACHINE, "libraries": {"lightgbm": "not imported: libgomp.so.1"}},
    ),
    (
        confinement.image,
        {"machine": MACHINE, "libraries": {}},
        {"machine": MACHINE | {"architecture": "aarch64"}, "libraries": {}},
    ),
    (
        confinement.kernel,
        {"confinement": MEANS},
        {"confinement": MEANS | {"seccomp_filter": "no: Invalid argument"}},
    ),
    (
        measurements.log_lines,
        {"lines": reports(STARTED, 2)},
        {"lines": reports(STARTED, 40)},
    ),
]
BOTH = pytest.mark.parametrize(
    ("check", "good", "bad"), CASES, ids=[f"{n}-{case[0].number}" for n, case in enumerate(CASES)]
)


@BOTH
def test_what_is_expected_is_told(check: Check, good: dict[str, Any], bad: dict[str, Any]) -> None:
    assert ask(check, **good)


@BOTH
def test_what_differs_is_found(check: Check, good: dict[str, Any], bad: dict[str, Any]) -> None:
    with pytest.raises(Differs):
        ask(check, **bad)


def test_a_kernel_without_landlock_is_told_and_no_fault() -> None:
    told = ask(confinement.kernel, confinement=MEANS | {"landlock_abi": "no: Not implemented"})
    assert "landlock_abi: no: Not implemented" in told


def test_every_check_for_aws_alone_is_among_the_cases() -> None:
    modules = (confinement, deployment, measurements, mounts)
    found = {
        value.number
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Check) and value.aws_alone
    }
    assert found == {check.number for check, *_ in CASES}
