"""The command line: nobody's money is spent unasked, and bad options are told."""

from pathlib import Path
from typing import Any

import pytest

from first_deploy import __main__ as command
from first_deploy import estimate
from first_deploy.aws_deployment import AwsDeployment
from first_deploy.checks import ALL
from first_deploy.report import table
from tests.first_deploy.conftest import FakeCdk

Options = tuple[str, ...]


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return ("--state", str(tmp_path / "state"), "--report", str(tmp_path / "report.md"))


def test_nothing_is_deployed_without_a_yes(
    account: None, options: Options, tmp_path: Path, capsys: Any
) -> None:
    assert command.main(options) == 2
    told = capsys.readouterr()
    assert "in account 123456789012, region us-east-1" in told.out
    assert "A run costs about $0." in told.out
    assert "add --yes" in told.err
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--stage", "prod"), "begins with 'first-'"),
        (("-c", "memory_mb"), "give KEY=VALUE"),
        (("-c", "stage=prod"), "the stage is --stage"),
    ],
)
def test_bad_options_are_told(
    account: None, options: Options, more: Options, told: str, capsys: Any
) -> None:
    assert command.main([*options, "--yes", *more]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.slow
def test_a_deployment_that_fails_is_reported_and_removed(
    account: None, options: Options, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cdks: list[FakeCdk] = []

    def deployment(_: Any, journal: Any) -> AwsDeployment:
        cdks.append(FakeCdk(journal.stage))
        cdks[-1].fails = "deploy"
        fake: Any = cdks[-1]
        return AwsDeployment(journal, {}, fake, settle_seconds=0)

    monkeypatch.setattr(command, "_deployment", deployment)
    assert command.main([*options, "--yes"]) == 1
    report = (tmp_path / "report.md").read_text("utf-8")
    assert "| 2 | CloudFormation takes the stacks | differs | cdk deploy failed |" in report
    assert "| 9 | Three uploads are published | not reached |" in report
    assert "| 30 | Nothing is left | as expected | nothing |" in report
    assert report in capsys.readouterr().out
    assert not (tmp_path / "state" / "journal.json").exists()


def test_the_table_is_printed(capsys: Any) -> None:
    assert command.main(["--table"]) == 0
    assert capsys.readouterr().out == f"{table(ALL)}\n"


def test_a_run_costs_less_than_half_a_dollar() -> None:
    assert estimate.dollars(3008) < 0.15
    assert estimate.dollars(10_240) < 0.5
