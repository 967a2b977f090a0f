"""The SageMaker stack with every kind of endpoint."""

from collections.abc import Callable

import pytest

from tests.stacks.configurations import OTHER_EVERYTHING
from tests.stacks.deployment import Deployment, Template


@pytest.fixture(scope="session")
def deployment(deploy: Callable[..., Deployment]) -> Deployment:
    return deploy(**OTHER_EVERYTHING)


@pytest.fixture
def template(deployment: Deployment) -> Template:
    return deployment.sagemaker
