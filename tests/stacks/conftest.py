"""Deployments for tests. Each combination of settings is synthesized once per session."""

from collections.abc import Callable

import pytest

from tests.stacks.configurations import GUARDED
from tests.stacks.deployment import Deployment, synthesize


@pytest.fixture(scope="session")
def deploy(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Deployment]:
    """Returns a function that synthesizes with the given settings."""
    made: dict[str, Deployment] = {}

    def deployed(**settings: object) -> Deployment:
        key = repr(sorted(settings.items()))
        if key not in made:
            made[key] = synthesize(tmp_path_factory.mktemp("cdk.out"), settings)
        return made[key]

    return deployed


@pytest.fixture(scope="session")
def default(deploy: Callable[..., Deployment]) -> Deployment:
    """Returns the deployment with no setting given."""
    return deploy()


@pytest.fixture(scope="session")
def guarded(deploy: Callable[..., Deployment]) -> Deployment:
    """Returns the deployment with a key, a web ACL and a user pool of its own."""
    return deploy(**GUARDED)
