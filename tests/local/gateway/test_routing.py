import pytest

from local.assembly.resources.rest_api import Method
from local.gateway.routing import match_route


def _method(verb: str, path: str) -> Method:
    return Method(verb, "id", path, "AWS_PROXY", "arn", 29.0, {}, None, ())


METHODS = tuple(
    _method(verb, path)
    for verb, path in [
        ("GET", "/"),
        ("GET", "/models"),
        ("GET", "/models/{model}"),
        ("GET", "/models/ready"),
        ("ANY", "/models/{model}/any"),
        ("POST", "/models/{model}/any"),
        ("ANY", "/v2/{proxy+}"),
    ]
)


@pytest.mark.parametrize(
    ("verb", "path", "expected", "parameters"),
    [
        ("GET", "/", "/", {}),
        ("GET", "/models", "/models", {}),
        ("GET", "/models/", "/models", {}),
        ("GET", "/models/my%20mod%C3%A8l%2Fx+y", "/models/{model}", {"model": "my modèl/x+y"}),
        ("GET", "/models/ready", "/models/ready", {}),
        ("GET", "/m%6Fdels", "/models", {}),
        ("PUT", "/models/a/any", "/models/{model}/any", {"model": "a"}),
        ("GET", "/v2/a/b%20c", "/v2/{proxy+}", {"proxy": "a/b c"}),
    ],
)
def test_finds_the_route(verb: str, path: str, expected: str, parameters: dict[str, str]) -> None:
    route = match_route(METHODS, verb, path)
    assert route is not None
    assert (route.method.path, route.parameters) == (expected, parameters)


def test_an_own_verb_goes_before_any() -> None:
    route = match_route(METHODS, "POST", "/models/a/any")
    assert route is not None
    assert route.method.verb == "POST"


@pytest.mark.parametrize(
    ("verb", "path"),
    [("POST", "/models"), ("GET", "/model"), ("GET", "/models/a/b"), ("GET", "/v2"), ("HEAD", "/")],
)
def test_what_has_no_route(verb: str, path: str) -> None:
    assert match_route(METHODS, verb, path) is None
