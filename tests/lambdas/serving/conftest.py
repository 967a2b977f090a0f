"""What tests of models can ask for."""

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Keep scikit-learn to one thread: several wait for each other busily on taken processors."""
    with threadpool_limits(limits=1):
        yield
