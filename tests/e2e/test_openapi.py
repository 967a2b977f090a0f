"""The running system against its own `openapi.json`, over HTTP and through the gateway."""

from typing import Any

import pytest
import schemathesis
from schemathesis import GenerationMode

from tests.e2e.client import Client
from tests.lambdas.deployment import classifier, dumped
from tests.openapi_conformance import CONFIG, OPERATIONS, check

EXAMPLES = 6
MODEL = "conforming"


@pytest.fixture(scope="module")
def api(client: Client) -> Any:
    client.put(f"{MODEL}.joblib", dumped(classifier()))
    client.arrive(MODEL)
    return schemathesis.openapi.from_url(f"{client.endpoints.api}/openapi.json", config=CONFIG)


@pytest.mark.parametrize(("path", "method", "mode"), OPERATIONS)
def test_answers_are_as_documented(
    api: Any, client: Client, path: str, method: str, mode: GenerationMode
) -> None:
    check(api[path][method], mode, model=MODEL, examples=EXAMPLES, url=client.endpoints.api)
