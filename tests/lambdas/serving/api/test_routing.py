import pytest

from serving.api.routing import Route


@pytest.mark.parametrize(
    ("path", "asked", "found"),
    [
        ("/models", "/models", {}),
        ("/models", "/models/iris", None),
        ("/models/{model}", "/models/iris", {"model": "iris"}),
        ("/models/{model}", "/models/a%2Fb", {"model": "a/b"}),
        ("/models/{model}", "/models/{model}", {"model": "{model}"}),
        ("/models/{model}", "/models/a/b", None),
        ("/v1/models/{model}:predict", "/v1/models/iris:predict", {"model": "iris"}),
    ],
)
def test_a_route_matches_its_paths_and_decodes_its_parameters(
    path: str, asked: str, found: dict[str, str] | None
) -> None:
    assert Route(path).match(asked) == found
