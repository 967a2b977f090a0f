"""Operation events, as `publish` gets them."""

from typing import Any

import pytest

from loader import operate
from tests.lambdas.deployment import Deployment, classifier, dumped


@pytest.fixture
def two(deployment: Deployment) -> Deployment:
    for number in (1, 2):
        deployment.upload(f"iris/{number}/m.joblib", dumped(classifier(10 * number)))
    return deployment


def carry_out(deployment: Deployment, **event: Any) -> dict[str, Any]:
    return operate.carry_out({"model": "iris", **event}, deployment.repository)


@pytest.mark.parametrize(
    ("event", "result", "version", "current"),
    [
        ({"operation": "rollback"}, "rolled_back", "1", "1"),
        ({"operation": "rollback", "version": "1"}, "rolled_back", "1", "1"),
        ({"operation": "pin", "version": "1"}, "pinned", "1", "1"),
        ({"operation": "unpin"}, "unpinned", "2", "2"),
        ({"operation": "delete", "version": "2"}, "withdrawn", "2", "1"),
        ({"operation": "delete"}, "withdrawn", "1, 2", None),
    ],
)
def test_operations(
    two: Deployment, event: dict[str, Any], result: str, version: str, current: str | None
) -> None:
    told = carry_out(two, **event, dry_run=True)
    assert two.repository.models.current("iris") == "2"
    assert carry_out(two, **event) == told
    assert [(o["result"], o["version"]) for o in told["outcomes"]] == [(result, version)]
    assert two.repository.models.current("iris") == current


def test_show_is_the_status_of_the_api(two: Deployment) -> None:
    status = carry_out(two, operation="show")["status"]
    assert [(v["version"], v["state"]) for v in status["versions"]] == [
        ("1", "ready"),
        ("2", "current"),
    ]


def test_sizes_are_of_the_versions_that_serve(two: Deployment) -> None:
    (found,) = operate.carry_out({"operation": "sizes"}, two.repository)["sizes"]
    assert (found["model"], found["version"], found["format"]) == ("iris", "2", "joblib")
    assert found["memory_bytes"] > 0
    assert (found["compiled"], found["compiled_bytes"]) == ("none", 0)  # it isn't compiled here
    carry_out(two, operation="delete")
    assert operate.carry_out({"operation": "sizes"}, two.repository)["sizes"] == []


@pytest.mark.parametrize(
    ("event", "text"),
    [
        ({"operation": "fly"}, "'fly'"),
        ({"operation": "pin"}, "which version"),
        ({"operation": "pin", "version": "9"}, "ready are: 1, 2"),
        ({"operation": "rollback", "model": "tulip"}, "tulip"),
        ({"operation": "show", "model": ".."}, "can't be a model's name"),
        ({"operation": "rollback", "model": 3}, "$.model"),
    ],
)
def test_a_refusal_is_an_answer_with_the_reason(
    two: Deployment, event: dict[str, Any], text: str
) -> None:
    answer = carry_out(two, **event)
    assert answer["outcomes"] == []
    assert text in answer["error"]["message"]
    assert two.repository.models.current("iris") == "2"
